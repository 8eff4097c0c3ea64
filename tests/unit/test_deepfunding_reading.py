"""Files of Deep Funding contests, row by row: each published shape is read, the doubtful is refused in place."""

from __future__ import annotations

import hashlib
import math
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daccord.errors import InputError
from daccord.formats.deepfunding import read_aliases, read_comparisons, read_items, read_weights


def write(folder: Path, text: str, name: str = "f.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


CHOICE = "timestamp,juror,repo_a,repo_b,parent,choice,multiplier,reasoning\n"


def test_choice_shape(tmp_path: Path) -> None:
    text = (
        CHOICE + '2025-01-02T03:04:05.678Z,J1,https://github.com/o/a/,o/b,ethereum,2,2.5,"long,\n ""why"""\n'
        "\n,J2,o/b,https://github.com/o/c,ethereum,1,1,\n"
    )
    table = read_comparisons(write(tmp_path, "\ufeff" + text))
    assert table.juror == ("J1", "J2")
    assert table.has_jurors
    assert table.a == ("o/a", "o/b")
    assert table.b == ("o/b", "o/c")
    assert table.columns == ("repo_a", "repo_b")
    assert table.outcome.tolist() == [-1, 1]
    assert table.log_ratio.tolist() == [-math.log(2.5), 0.0]
    assert table.multiplier.tolist() == [2.5, 1.0]
    assert table.time == (datetime(2025, 1, 2, 3, 4, 5, 678000, UTC), None)
    assert table.row.tolist() == [2, 5]
    assert table.digest == hashlib.sha256(("\ufeff" + text).encode()).hexdigest()


def test_winner_shape_without_jurors(tmp_path: Path) -> None:
    table = read_comparisons(write(tmp_path, "repo_a,repo_b,winner,multiplier,reasoning\na,b,b,3,x\na,b,a,1.5,\n"))
    assert not table.has_jurors
    assert table.outcome.tolist() == [-1, 1]
    assert table.log_ratio.tolist() == [-math.log(3), math.log(1.5)]


def test_winner_may_be_written_with_the_prefix(tmp_path: Path) -> None:
    table = read_comparisons(write(tmp_path, "repo_a,repo_b,winner,multiplier\na,b,https://github.com/a/,3\n"))
    assert table.outcome.tolist() == [1]


def test_order_only_shape(tmp_path: Path) -> None:
    text = "competition_id,juror_id,item_a,item_b,winner,comparison_created_at,comparison_cost\n"
    text += "g,dev,a,b,b,2025-10-22T10:31:15.660213+00:00,0.1\ng,dev,c,c,c,2025-10-22T10:31:16+02:00,0.1\n"
    table = read_comparisons(write(tmp_path, text))
    assert table.outcome.tolist() == [-1, 0]  # a project compared with itself says nothing
    assert all(math.isnan(value) for value in table.log_ratio)
    assert table.time[1] == datetime(2025, 10, 22, 8, 31, 16, tzinfo=UTC)


def test_project_against_itself_has_no_ratio(tmp_path: Path) -> None:
    table = read_comparisons(write(tmp_path, "repo_a,repo_b,winner,multiplier\na,a,a,5\n"))
    assert table.outcome.tolist() == [0]
    assert table.log_ratio.tolist() == [0.0]


def test_rows_can_be_selected(tmp_path: Path) -> None:
    table = read_comparisons(write(tmp_path, "repo_a,repo_b,winner,multiplier\na,b,b,3\nc,b,c,5\n"))
    some = table.take(table.multiplier == 5)
    assert (some.a, some.row.tolist(), some.log_ratio.tolist()) == (("c",), [3], [math.log(5)])


BAD_ROWS = {
    "choice": ("J,a,b,p,3,2\n", 2, "choice", "'3' is neither 1 nor 2"),
    "choice in words": ("J,a,b,p,a,2\n", 2, "choice", "'a' is neither 1 nor 2"),
    "letter": ("J,a,b,p,1,2C\n", 2, "multiplier", "'2C' is not a number"),
    "below one": ("J,a,b,p,1,2\nJ,a,c,p,1,0.5\n", 3, "multiplier", "0.5 is below 1"),
    "negative": ("J,a,b,p,1,-2\n", 2, "multiplier", "-2 is below 1"),
    "nan": ("J,a,b,p,1,nan\n", 2, "multiplier", "not a number"),
    "infinite": ("J,a,b,p,1,1e999\n", 2, "multiplier", "too large"),
    "empty multiplier": ("J,a,b,p,1,\n", 2, "multiplier", "not a number"),
    "other digits": ("J,a,b,p,1,٢\n", 2, "multiplier", "not a number"),
    "no juror": (",a,b,p,1,2\n", 2, "juror", "no juror id"),
    "blank name": ("J, a,b,p,1,2\n", 2, "repo_a", "blanks at its ends"),
    "no name": ("J,a,https://github.com/,p,1,2\n", 2, "repo_b", "is empty"),
    "parents": ("J,a,b,p,1,2\nJ,a,b,q,1,2\n", 3, "parent", "'q' differs from 'p'"),
    "short row": ("J,a,b,p,1\n", 2, None, "has 5 cells, the header has 6"),
    "long row": ("J,a,b,p,1,2,3\n", 2, None, "has 7 cells"),
    "open quote": ('J,a,"b,p,1,2\n', 2, None, "not valid CSV"),
}


@pytest.mark.parametrize("case", BAD_ROWS)
def test_bad_row_is_named(case: str, tmp_path: Path) -> None:
    rows, row, column, message = BAD_ROWS[case]
    path = write(tmp_path, "juror,repo_a,repo_b,parent,choice,multiplier\n" + rows)
    with pytest.raises(InputError) as raised:
        read_comparisons(path)
    (problem,) = raised.value.problems
    assert (problem.file, problem.row, problem.column) == (str(path), row, column)
    assert message in problem.message
    assert problem.remedy


def test_all_problems_are_listed_in_order(tmp_path: Path) -> None:
    path = write(tmp_path, "repo_a,repo_b,choice,multiplier\na,b,1,x\na,b,9,2\n,b,1,0\n")
    with pytest.raises(InputError) as raised:
        read_comparisons(path, label="mine.csv")
    assert [(problem.row, problem.column) for problem in raised.value.problems] == [
        (2, "multiplier"),
        (3, "choice"),
        (4, "repo_a"),
        (4, "multiplier"),
    ]
    assert {problem.file for problem in raised.value.problems} == {"mine.csv"}


@pytest.mark.parametrize("when", ["yesterday", "2025-01-02T03:04:05"])
def test_time_without_meaning_is_refused(when: str, tmp_path: Path) -> None:
    path = write(tmp_path, f"timestamp,repo_a,repo_b,choice,multiplier\n{when},a,b,1,2\n")
    with pytest.raises(InputError, match=r"row 2, column timestamp: .* is not a time with time zone"):
        read_comparisons(path)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("repo,weight", "comparisons need"),
        ("repo_a,repo_b,multiplier", "neither choice nor winner"),
        ("repo_a,repo_b,choice,winner,multiplier", "both choice and winner"),
        ("repo_a,item_b,choice", "comparisons need"),
        ("repo_a,repo_b,choice,choice", "appears twice"),
        ("", "is empty"),
    ],
)
def test_header_that_fits_no_shape_is_refused(header: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        read_comparisons(write(tmp_path, header and header + "\n"))


def test_winner_of_neither_side_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "repo_a,repo_b,winner\na,b,B\n")
    with pytest.raises(InputError, match="row 2, column winner: 'B' is neither 'a' nor 'b'"):
        read_comparisons(path)


def test_missing_file_and_wrong_encoding_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_comparisons(tmp_path / "none.csv")
    (tmp_path / "latin.csv").write_bytes("repo_a,repo_b,choice\na,b,1\na,\xfc,1\n".encode("latin-1"))
    with pytest.raises(InputError, match="row 3: is not UTF-8"):
        read_comparisons(tmp_path / "latin.csv")


def test_lists(tmp_path: Path) -> None:
    table = read_weights(write(tmp_path, "repo,parent,weight\nhttps://github.com/o/a,e,10.2\no/b,e,1e-09\n"))
    assert table.items == ("o/a", "o/b")
    assert table.weights == (10.2, 1e-09)
    assert table.total == pytest.approx(10.200000001)
    extra = read_weights(write(tmp_path, "competition_id,method,rank,item,weight\ng,elo,1,o/a,1\n"))
    assert extra.items == ("o/a",)


BAD_LISTS = {
    "stray letter": ("a,0.02853076603930131C\n", 2, "weight", "'0.02853076603930131C' is not a number"),
    "zero": ("a,1\nb,0.0\n", 3, "weight", "0.0 is not above zero"),
    "underflow": ("a,1e-999\n", 2, "weight", "not above zero"),
    "negative": ("a,-0.1\n", 2, "weight", "not above zero"),
    "twice": ("a,1\nhttps://github.com/a/,2\n", 3, "repo", "'a' stands in row 2 already"),
    "none": ("", None, None, "holds no weights"),
}


@pytest.mark.parametrize("case", BAD_LISTS)
def test_bad_weight_is_named(case: str, tmp_path: Path) -> None:
    rows, row, column, message = BAD_LISTS[case]
    with pytest.raises(InputError) as raised:
        read_weights(write(tmp_path, "repo,weight\n" + rows))
    (problem,) = raised.value.problems
    assert (problem.row, problem.column) == (row, column)
    assert message in problem.message
    assert problem.remedy


def test_several_lists_in_one_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds 2 methods"):
        read_weights(write(tmp_path, "repo,weight,method\na,1,x\na,1,y\n"))
    with pytest.raises(InputError, match="a list needs repo and weight"):
        read_weights(write(tmp_path, "repo,parent\na,b\n"))


def test_items(tmp_path: Path) -> None:
    assert read_items(write(tmp_path, "repo,parent\nhttps://github.com/o/b,e\no/a,e\n")) == ("o/b", "o/a")
    with pytest.raises(InputError, match="'a' stands in row 2 already"):
        read_items(write(tmp_path, "item\na\na\n"))
    with pytest.raises(InputError, match="names no items"):
        read_items(write(tmp_path, "repo\n"))
    with pytest.raises(InputError, match="in a column repo"):
        read_items(write(tmp_path, "project\na\n"))


def test_aliases(tmp_path: Path) -> None:
    assert read_aliases(write(tmp_path, "alias,name\nold/x,new/x\nhttps://github.com/old/y,new/x\n")) == {
        "old/x": "new/x",
        "old/y": "new/x",
    }
    for rows, message in {
        "a,b\na,c\n": "'a' stands in row 2 already",
        "a,b\nb,c\n": "'b' is itself an alias",
        "a,a\n": "stands for itself",
    }.items():
        with pytest.raises(InputError, match=message):
            read_aliases(write(tmp_path, "alias,name\n" + rows))
    with pytest.raises(InputError, match="no columns alias and name"):
        read_aliases(write(tmp_path, "from,to\na,b\n"))


@given(st.floats(min_value=1, max_value=1e300), st.booleans(), st.booleans())
def test_side_of_the_multiplier(
    tmp_path_factory: pytest.TempPathFactory, multiplier: float, first: bool, swap: bool
) -> None:
    """The multiplier belongs to the chosen project on whichever side it stands and in whichever shape it is said."""
    folder = tmp_path_factory.mktemp("side")
    a, b = ("y", "x") if swap else ("x", "y")
    chosen = a if first else b
    by_name = read_comparisons(write(folder, f"repo_a,repo_b,winner,multiplier\n{a},{b},{chosen},{multiplier!r}\n"))
    by_side = read_comparisons(
        write(folder, f"repo_a,repo_b,choice,multiplier\n{a},{b},{1 if first else 2},{multiplier!r}\n")
    )
    expected = math.log(multiplier) if first else -math.log(multiplier)
    assert by_name.log_ratio[0] == by_side.log_ratio[0] == pytest.approx(expected)
    assert by_name.outcome[0] == by_side.outcome[0] == (1 if first else -1)
