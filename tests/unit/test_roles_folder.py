"""`roles.csv`, technologies and marks of openness in a round folder: read strictly, written faithfully."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.scenario.test_requirements_graph import folder
from tests.unit.graph_cases import answers, risks, round_of

from daccord.errors import InputError
from daccord.formats._reading import check_files
from daccord.formats._writing import round_files
from daccord.judging import RoleAnswer
from daccord.portfolio import Project, Role

HEAD = "juror,project,kind,target,horizon,efficacy_low,efficacy_high,lead_low,lead_high,skip,time\n"
PROJECTS = "id,title,kind\na,A,\nb,B,\nvat,Vat,technology\n"


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ("ana,a,defend,leak,,0.1,0.2,,,,", "kind", "no kind of role"),
        ("eve,a,defends,leak,,0.1,0.2,,,,", "juror", "no judge has the id 'eve'"),
        ("ana,c,defends,leak,,0.1,0.2,,,,", "project", "no project or technology has the id 'c'"),
        ("ana,a,defends,flood,,0.1,0.2,,,,", "target", "no project or risk has the id 'flood'"),
        ("ana,a,makes_safe,leak,,0.1,0.2,,,,", "target", "'leak' is a risk"),
        ("ana,a,makes_safe,a,,0.1,0.2,,,,", "target", "points at the project itself"),
        ("ana,a,arrives,leak,,,,1,2,,", "project", "about the target alone"),
        ("ana,,arrives,leak,,0.1,0.2,1,2,,", "efficacy_low", "has no efficacy"),
        ("ana,a,defends,leak,2035,0.1,0.2,,,,", "horizon", "year of the calendar"),
        ("ana,a,defends,leak,0,0.1,0.2,,,,", "horizon", "no horizon"),
        ("ana,a,defends,leak,,0.3,0.2,,,,", "efficacy_high", "ends before it begins"),
        ("ana,a,defends,leak,,0.3,,,,,", "efficacy_high", "no high end"),
        ("ana,a,defends,leak,,,0.3,,,,", "efficacy_low", "no low end"),
        ("ana,a,defends,leak,,10,30,,,,", "efficacy_low", "outside 0 to 1"),
        ("ana,a,raises,leak,,10,300,,,,", "efficacy_high", "outside 0 to 99"),
        ("ana,a,defends,leak,,0.1,20%,,,,", "efficacy_high", "is not a number"),
        ("ana,a,defends,leak,,,,-1,2,,", "lead_low", "outside 0 to 1000"),
        ("ana,a,defends,leak,,,,,,,", "efficacy_low", "neither how much nor when"),
        ("ana,a,defends,leak,,0.1,0.2,,,skip,", "skip", "left open has numbers"),
        ("ana,a,defends,leak,,,,,,Skip,", "skip", "not understood"),
        ("ana,a,defends,leak,,0.1,0.2,,,,yesterday", "time", "is no time"),
    ],
)
def test_what_is_wrong_has_a_place_and_a_remedy(row: str, column: str, words: str) -> None:
    found, problems = check_files(folder(PROJECTS, HEAD + row + "\n"))
    assert found is None
    assert [(problem.file, problem.row) for problem in problems] == [("roles.csv", 2)] * len(problems)
    problem = next(problem for problem in problems if problem.column == column)
    assert words in problem.message
    assert problem.remedy


def test_the_last_answer_counts() -> None:
    rows = "ana,a,defends,leak,,0.1,0.2,,,,2026-01-02\nana,a,defends,leak,,0.5,0.6,,,,2026-01-01\n"
    found, problems = check_files(folder(PROJECTS, HEAD + rows))
    assert problems == []
    assert found is not None
    assert [answer.efficacy for answer in found.roles] == [(0.1, 0.2)]
    assert "1 answer was set aside because the same judge answered this role again later" in found.notices[0]
    _, problems = check_files(folder(PROJECTS, HEAD + rows.replace("2026-01-01", "")))
    assert [problem.column for problem in problems] == ["time"]


def test_another_horizon_is_another_question() -> None:
    rows = "ana,a,defends,leak,5,0.1,0.2,,,,\nana,a,defends,leak,20,0.5,0.6,,,,\nana,a,defends,leak,,0.5,0.6,,,,\n"
    found, problems = check_files(folder(PROJECTS, HEAD + rows))
    assert problems == []
    assert found is not None
    assert [answer.horizon for answer in found.roles] == [5, 20, 0]


def test_technologies_ask_for_nothing_and_are_no_projects() -> None:
    found, problems = check_files(folder(PROJECTS, HEAD + "ana,vat,raises,leak,,1,2,,,,\n"))
    assert problems == []
    assert found is not None
    assert found.portfolio.ids == ("a", "b")
    assert found.portfolio.known["vat"].ask == 0
    files = folder(PROJECTS) | {"comparisons.csv": b"juror,criterion,a,b,winner\nana,benefit,a,vat,a\n"}
    _, problems = check_files(files)
    assert [(problem.file, problem.column) for problem in problems] == [("comparisons.csv", "b")]
    _, problems = check_files(folder("id,title,kind,ask\na,A,,\nvat,Vat,technology,5\n"))
    assert [problem.column for problem in problems] == ["ask"]
    _, problems = check_files(folder("id,title,kind\nvat,Vat,technology\n"))
    assert "lists no project" in problems[0].message
    _, problems = check_files(folder("id,title,kind,open_sourcing\na,A,tool,maybe\n"))
    assert sorted(str(problem.column) for problem in problems) == ["kind", "open_sourcing"]


def test_an_id_that_looks_like_a_horizon_is_still_an_id() -> None:
    found, problems = check_files(folder("id,title,roles\na,A,makes_safe > b @ 5\nb @ 5,B,raises > leak @7\n"))
    assert problems == []
    assert found is not None
    assert found.portfolio["a"].roles == (Role("makes_safe", "b @ 5"),)
    assert found.portfolio["b @ 5"].roles == (Role("raises", "leak", 7),)


def test_a_written_round_is_read_back_as_the_same() -> None:
    lock = Project("lock", "Lock", roles=(Role("defends", "leak"), Role("raises", "leak", 20)), licence="MIT")
    vat = Project("vat", "Vat", ask=0, roles=(Role("raises", "leak"),), maturity="deployed", open_sourcing="no")
    said = answers(("lock", "defends", "leak"), (0.125, 0.3), (0, 1e-3), horizon=7)
    said += [RoleAnswer("j00", "", "arrives", "leak", lead=(1, 1000), given=1_700_000_000_000_000)]
    said += [RoleAnswer("j01", "vat", "raises", "leak", skipped=True)]
    round_ = round_of([lock], said, risks("leak"), technologies=[vat])
    found, problems = check_files(round_files(round_))
    assert problems == []
    assert found is not None
    assert found.roles == round_.roles
    assert found.portfolio == replace(round_.portfolio)


@pytest.mark.parametrize(
    "wrong",
    [
        {"efficacy": (0.2, 1.5)},
        {"efficacy": (0.5, 0.2)},
        {"lead": (0, 2000)},
        {},
        {"efficacy": (0.1, 0.2), "skipped": True},
        {"kind": "arrives", "lead": (1, 2)},
        {"efficacy": (0.1, 0.2), "horizon": -1},
        {"efficacy": (float("nan"), 0.2)},
    ],
)
def test_no_answer_is_made_that_could_not_be_written(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"efficacy|lead|answer|arrives|horizon"):
        RoleAnswer(**{"judge": "j", "project": "p", "kind": "defends", "target": "r", **wrong})  # type: ignore[arg-type]


def test_a_round_that_breaks_the_format_is_not_written() -> None:
    twice = answers(("lock", "defends", "leak"), (0.1, 0.2), who=[0]) * 2
    with pytest.raises(InputError, match="answered this role before"):
        round_files(round_of([Project("lock", "Lock")], twice, risks("leak")))
