"""ballots.csv: what it may hold, and every fault with its row."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daccord.errors import InputError
from daccord.formats import load_round, write_round
from daccord.judging import Ballots

MANIFEST = """\
format = "daccord/round/1"
name = "Ballots (simulated)"
simulated = true
[goal]
statement = "Read ballots."
set_by = "A test"
[budget]
amount = "100"
currency = "EUR"
digits = 2
[criteria.benefit]
question = "Which is better?"
[rules.verdicts]
pays = "not_held"
[rules.money]
rule = "equal-shares"
[rules.money.election]
unit = "0.50"
threshold = 2
"""


def folder(path: Path, ballots: str) -> Path:
    (path / "round.toml").write_text(MANIFEST)
    (path / "projects.csv").write_text("id,title,ask\na,A,60\nb,B,30\n")
    (path / "judges.csv").write_text("id,kind\n")
    (path / "ballots.csv").write_text(ballots)
    return path


def test_votes_points_and_empty_ballots(tmp_path: Path) -> None:
    found = load_round(folder(tmp_path, "voter,project,points\nx,a,2.5\nx,b,\ny,,\nz,b,3\n"))
    ballots = found.inputs.ballots
    assert ballots.voters == ("x", "y", "z")
    assert (ballots.voter.tolist(), ballots.project.tolist()) == ([0, 0, 2], [0, 1, 1])
    assert (ballots.points.tolist(), ballots.digits, ballots.kind) == ([25, 10, 30], 1, "points")
    assert found.rules.money.election.unit == 50
    assert found.rules.money.election.threshold == 2


def test_votes_alone_are_approvals(tmp_path: Path) -> None:
    ballots = load_round(folder(tmp_path, "voter,project\nx,a\nx,b\n")).inputs.ballots
    assert (ballots.kind, ballots.points.tolist(), ballots.digits) == ("approval", [1, 1], 0)


def test_amounts_are_minor_units(tmp_path: Path) -> None:
    ballots = load_round(folder(tmp_path, "voter,project,amount\nx,a,12.50\ny,a,3\n")).inputs.ballots
    assert (ballots.kind, ballots.points.tolist(), ballots.digits) == ("amount", [1250, 300], 0)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (",a,1,", "row 3, column voter: the vote has no voter"),
        ("x,c,1,", "row 3, column project: no project has the id 'c'"),
        ("w,a,1,", "row 3, column project: 'w' votes for 'a' already (row 2)"),
        ("w,b,0,", "row 3, column points: 'b' is given zero"),
        ("w,b,-1,", "row 3, column points: '-1' is no number of points"),
        ("w,b,1e3,", "row 3, column points: '1e3' is no number of points"),
        ("w,b,1.2345678,", "row 3, column points: '1.2345678' is no number of points"),
        ("w,b,nan,", "row 3, column points: 'nan' is no number of points"),
        ("w,,1,", "row 3, column project: '1' is given to no project"),
        ("w,b,1,5", "row 3, column amount: the row has points and an amount"),
        ("w,b,,5", "row 3, column amount: some rows have an amount and others do not"),
        ("w,b,,5.123", "row 3, column amount: '5.123' has 3 decimals, EUR has 2"),
    ],
)
def test_every_fault_has_its_place(tmp_path: Path, row: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        load_round(folder(tmp_path, f"voter,project,points,amount\nw,a,1,\n{row}\n"))
    assert f"ballots.csv, {said}" in caught.value.diagnostics()


@pytest.mark.parametrize(
    ("rows", "wrong"),
    [
        (["x,a,,5", "y,a,1,", "z,a,,"], [2]),
        (["x,a,,5", "x,b,,5", "y,a,1,", "z,a,,7"], [4]),
        (["x,a,1,", "y,a,,5"], [3]),
        (["x,a,,5", "y,a,1,", "y,b,1,"], [3, 4]),
    ],
)
def test_of_points_and_amounts_the_kind_of_fewer_voters_is_wrong(
    tmp_path: Path, rows: list[str], wrong: list[int]
) -> None:
    with pytest.raises(InputError) as caught:
        load_round(folder(tmp_path, "\n".join(["voter,project,points,amount", *rows, ""])))
    assert [problem.row for problem in caught.value.problems] == wrong


def test_a_second_empty_row_is_one_too_many(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has an empty row already"):
        load_round(folder(tmp_path, "voter,project\nx,\nx,\n"))


@given(
    st.lists(
        st.dictionaries(st.sampled_from([0, 1]), st.integers(1, 10**6), max_size=2).map(dict), min_size=1, max_size=5
    ),
    st.sampled_from(["points", "amount"]),
    st.integers(0, 6),
)
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[int, int]], kind: str, digits: int
) -> None:
    base = tmp_path_factory.mktemp("ballots")
    read = load_round(folder(base, "voter,project\nx,a\n"))
    entries = np.array([(v, p, x) for v, row in enumerate(rows) for p, x in row.items()], dtype=np.int64).reshape(-1, 3)
    names = tuple(f"voter {v}" for v in range(len(rows)))
    digits = digits if kind == "points" else 0
    given_ballots = Ballots(names, entries[:, 0], entries[:, 1], entries[:, 2], digits, kind)  # type: ignore[arg-type]
    object.__setattr__(read, "inputs", type(read.inputs)(ballots=given_ballots))
    target = base / "again"
    write_round(read, target)
    back = load_round(target).inputs.ballots
    assert back.voters == names
    assert sorted(_facts(back)) == sorted(_facts(given_ballots))


def _facts(ballots: Ballots) -> list[tuple[int, int, float]]:
    rows = zip(ballots.voter.tolist(), ballots.project.tolist(), ballots.points.tolist(), strict=True)
    return [(voter, project, points / 10**ballots.digits) for voter, project, points in rows]
