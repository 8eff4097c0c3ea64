"""Releases of people's answers while models answered (simulated): which answers were visible, and from when."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from daccord.errors import InputError
from daccord.formats import load_round, write_round
from daccord.formats.deepfunding import ImportSpec, import_deepfunding
from daccord.judging import NEVER

HEAD = "timestamp,juror,repo_a,repo_b,choice,multiplier\n"
ROWS = (
    "2025-01-01T10:00:00Z,ann,x/one,x/two,1,2",
    "2025-01-02T10:00:00Z,ben,x/one,x/two,1,3",
    "2025-01-03T10:00:00.5Z,ann,x/two,x/three,2,4",
)


def spec(folder: Path, *releases: str) -> ImportSpec:
    """The three answers, and releases with these contents."""
    for k, text in enumerate((HEAD + "\n".join(ROWS) + "\n", *releases)):
        (folder / f"file-{k}.csv").write_text(text)
    paths = [folder / f"file-{k}.csv" for k in range(1 + len(releases))]
    return ImportSpec(human=(paths[0],), releases=tuple(paths[1:]), root=folder)


def revealed(folder: Path, *releases: str) -> list[int] | None:
    table = import_deepfunding(spec(folder, *releases)).judgments["benefit"].comparisons
    return None if table.revealed is None else table.revealed.tolist()


def seconds(day: int) -> int:
    return int(datetime(2025, 1, day, 10, tzinfo=UTC).timestamp())


def test_an_answer_is_visible_from_the_last_answer_of_its_release_on(tmp_path: Path) -> None:
    assert revealed(tmp_path, HEAD + f"{ROWS[0]}\n{ROWS[2]}\n") == [seconds(3), NEVER, seconds(3)]


def test_the_first_release_counts(tmp_path: Path) -> None:
    releases = (HEAD + "\n".join(ROWS), HEAD + f"{ROWS[1]}\n{ROWS[0]}")
    assert revealed(tmp_path, *releases) == [seconds(2), seconds(2), seconds(3)]


def test_answers_about_other_projects_date_a_release_too(tmp_path: Path) -> None:
    other = "2025-01-09T10:00:00Z,ben,x/nine,x/ten,1,2"
    assert revealed(tmp_path, HEAD + f"{ROWS[0]}\n{other}") == [seconds(9), NEVER, NEVER]


def test_sides_do_not_matter_but_the_answer_does(tmp_path: Path) -> None:
    turned = "2025-01-01T10:00:00Z,ann,x/two,x/one,2,2"
    changed = "2025-01-02T10:00:00Z,ben,x/one,x/two,1,3.5"
    assert revealed(tmp_path, HEAD + f"{turned}\n{changed}") == [seconds(2), NEVER, NEVER]


def test_without_a_release_nothing_was_visible(tmp_path: Path) -> None:
    assert revealed(tmp_path) is None


def test_a_release_without_jurors_is_refused(tmp_path: Path) -> None:
    text = "timestamp,repo_a,repo_b,choice\n2025-01-01T10:00:00Z,x/one,x/two,1\n"
    with pytest.raises(InputError, match="names no juror"):
        revealed(tmp_path, text)


def test_a_folder_keeps_what_was_visible(tmp_path: Path) -> None:
    round_ = import_deepfunding(spec(tmp_path, HEAD + ROWS[1]))
    write_round(round_, tmp_path / "round")
    again = load_round(tmp_path / "round")
    assert again.judgments["benefit"].comparisons.revealed.tolist() == [NEVER, seconds(2), NEVER]
    assert any("1 of 3 answers of people could be read in file-1.csv" in notice for notice in again.notices)
