"""`write_round`, then `load_round`, gives the same round."""

from __future__ import annotations

import math
import string
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.hostile.round_cases import build

from daccord.errors import ExternalError, InputError
from daccord.formats import load_round, write_round
from daccord.formats._reading import check_files
from daccord.formats._writing import round_files
from daccord.judging import (
    NEVER,
    Comparisons,
    Contribution,
    Judge,
    Judgments,
    ModelList,
    Panel,
    Rankings,
    Ratings,
    Skips,
)
from daccord.money import Currency
from daccord.portfolio import CELLS, MATURITIES, ROLE_KINDS, Gate, Portfolio, Project, Risk, Role
from daccord.round import (
    CRITERIA,
    Budget,
    Constraint,
    Criterion,
    Goal,
    ModelRules,
    MoneyInputs,
    MoneyRules,
    Override,
    RatingScale,
    Round,
    Rules,
    Safeguard,
    Threshold,
)

CONTENT = ("name", "goal", "budget", "criteria", "portfolio", "panel", "rules", "seed", "simulated")


def assert_same(again: Round, first: Round) -> None:
    """Everything but digests is equal; arrays element by element."""
    for name in (*CONTENT, "notices"):
        assert getattr(again, name) == getattr(first, name), name
    assert again.inputs.contributions == first.inputs.contributions
    assert list(again.judgments) == list(first.judgments)
    for criterion, said in first.judgments.items():
        other = again.judgments[criterion]
        for column in ("judge", "a", "b", "outcome", "log_ratio"):
            np.testing.assert_array_equal(getattr(other.comparisons, column), getattr(said.comparisons, column))
        for column in ("judge", "project", "value", "low", "high"):
            np.testing.assert_array_equal(getattr(other.ratings, column), getattr(said.ratings, column))
        for name, columns in (("rankings", ("judge", "start", "placed", "project")), ("skips", ("judge", "a", "b"))):
            for column in columns:
                np.testing.assert_array_equal(
                    getattr(getattr(other, name), column), getattr(getattr(said, name), column)
                )
        for name in ("comparisons", "ratings"):
            np.testing.assert_array_equal(getattr(other, name).revealed, getattr(said, name).revealed)
        assert other.lists == said.lists


IDS = st.text(string.ascii_lowercase + string.digits + "-/%.ä '\"#>:", min_size=1, max_size=8).map(str.strip)
PROSE = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20).filter(str.strip)
LINES = st.text(st.sampled_from("ab ,;\"'\n\r\t#=\\é😀"), max_size=20)
UNIT = st.floats(0.001, 1.0)
SECONDS = st.integers(-(10**10), 10**11)  # from the year 1653 to 5138


@st.composite
def revealing(draw: st.DrawFn, size: int) -> list[int] | None:
    """Times from which answers were visible; None where none was."""
    times = draw(st.lists(st.just(NEVER) | SECONDS, min_size=size, max_size=size))
    return times if any(time != NEVER for time in times) else None


def distinct(count: st.SearchStrategy[int], prefix: str) -> st.SearchStrategy[list[str]]:
    """Different ids, also without regard to case."""
    return count.flatmap(
        lambda n: st.lists(IDS, min_size=n, max_size=n).map(lambda ids: [f"{prefix}{i}{x}" for i, x in enumerate(ids)])
    )


@st.composite
def shares(draw: st.DrawFn) -> dict[str, Fraction]:
    cells = draw(st.lists(st.sampled_from([cell.id for cell in CELLS]), unique=True, max_size=3))
    parts = [draw(st.integers(1, 60)) for _ in cells]
    return {cell: Fraction(part, sum(parts)) for cell, part in zip(cells, parts, strict=True)}


@st.composite
def criteria(draw: st.DrawFn) -> tuple[Criterion, ...]:
    names = ["benefit", *draw(st.lists(st.sampled_from(CRITERIA[1:]), unique=True))]
    found = []
    for name in draw(st.permutations(names)):
        low = draw(st.floats(-100, 100))
        scale = draw(st.none() | st.builds(RatingScale, st.just(low), st.just(low + 8.5), st.floats(0.1, 0.9)))
        bars = [st.none(), st.builds(Threshold, st.just("relative"), st.floats(1e-6, 1e6))]
        if scale is not None:
            bars.append(st.builds(Threshold, st.just("rating"), st.floats(scale.low, scale.high)))
        found.append(Criterion(name, draw(PROSE), scale, draw(st.one_of(bars))))
    return tuple(found)


@st.composite
def answers(draw: st.DrawFn, criterion: Criterion, ids: list[str], panel: list[Judge]) -> Judgments:
    pairs = [(j, a, b) for j in range(len(panel)) for a in range(len(ids)) for b in range(a)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=6)) if pairs else []
    if chosen:  # models may repeat themselves
        chosen += [pair for pair in draw(st.lists(st.sampled_from(chosen), max_size=3)) if not panel[pair[0]].is_person]
    rows = []
    for judge, a, b in chosen:
        outcome = draw(st.sampled_from([-1, 0, 1]))
        ratio = draw(st.none() | st.floats(1.0, 1e12)) if outcome else draw(st.sampled_from([None, 1.0]))
        first, second = draw(st.sampled_from([(a, b), (b, a)]))
        rows.append((judge, first, second, outcome, math.nan if ratio is None else outcome * math.log(ratio)))
    opened = sorted({(j, a, b) for j, a, b in pairs if (j, a, b) not in chosen and draw(st.integers(0, 9)) == 0})
    compared = (
        Comparisons(*zip(*rows, strict=True), draw(revealing(len(rows))))  # type: ignore[arg-type]
        if rows
        else Comparisons.empty()
    )
    rated, unrated = [], []
    if criterion.scale is not None and panel:
        seats = [(j, p) for j in range(len(panel)) for p in range(len(ids))]
        for judge, project in draw(st.lists(st.sampled_from(seats), unique=True, max_size=4)):
            low, value, high = sorted(
                draw(st.lists(st.floats(criterion.scale.low, criterion.scale.high), min_size=3, max_size=3))
            )
            ends = draw(st.sampled_from([(low, high), (math.nan, math.nan)]))
            rated.append((judge, project, value, *ends))
        taken = {(judge, project) for judge, project, *_ in rated}
        unrated = [(*seat, -1) for seat in seats if seat not in taken and draw(st.integers(0, 9)) == 0]
    lists = []
    for judge in panel:
        if not judge.is_person and draw(st.booleans()):
            kept = draw(st.lists(st.sampled_from(ids), unique=True, min_size=1)) if draw(st.booleans()) else ids
            weights = {name: draw(st.floats(1e-9, 1.0)) for name in ids if name in kept}
            total = math.fsum(weights.values())
            lists.append(ModelList(judge.id, {name: weight / total for name, weight in weights.items()}))
    ratings = (
        Ratings(*zip(*rated, strict=True), draw(revealing(len(rated))))  # type: ignore[arg-type]
        if rated
        else Ratings.empty()
    )
    skips = Skips(*zip(*opened, *unrated, strict=True)) if opened or unrated else Skips.empty()  # type: ignore[arg-type]
    return Judgments(compared, ratings, tuple(lists), draw(rankings(len(ids), panel)), skips)


@st.composite
def rankings(draw: st.DrawFn, projects: int, panel: list[Judge]) -> Rankings:
    people = [seat for seat, judge in enumerate(panel) if judge.is_person]
    if projects < 2 or not people:
        return Rankings.empty()
    orders = st.lists(st.integers(0, projects - 1), unique=True, min_size=2)
    given = draw(st.lists(st.tuples(st.sampled_from(people), orders), max_size=4))
    given = list({(judge, frozenset(order)): (judge, order) for judge, order in given}.values())
    return Rankings(
        [judge for judge, _ in given],  # type: ignore[arg-type]
        np.cumsum([0, *(len(order) for _, order in given)]),
        [draw(st.integers(1, len(order))) for _, order in given],  # type: ignore[arg-type]
        [project for _, order in given for project in order],  # type: ignore[arg-type]
    )


@st.composite
def gates(draw: st.DrawFn, before: list[str], taken: tuple[str, ...], targets: list[tuple[str, str]]) -> list[Gate]:
    """Gates on projects before this one, not deployed but earlier, and on any partner that has a role."""
    names = [(of, "") for of in before if of not in taken] + [(of, kind) for kind, of in targets]
    chosen = draw(st.lists(st.sampled_from(names), unique=True, max_size=2)) if names else []
    found = [Gate(of, draw(st.sampled_from(MATURITIES)), kind) for of, kind in chosen]
    return [gate for gate in found if gate != Gate(gate.of)]


@st.composite
def rounds(draw: st.DrawFn) -> Round:
    """Any round that the format can say, within small sizes."""
    currency = Currency(draw(st.sampled_from(["USD", "OP", "€"])), draw(st.sampled_from([0, 2, 18])))
    amounts = st.integers(1, 10**25)
    budget = Budget(draw(amounts), currency)
    asked = draw(criteria())
    risks = tuple(Risk(name, draw(PROSE)) for name in draw(distinct(st.integers(0, 2), "r")))
    ids = draw(distinct(st.integers(1, 4), "p"))
    projects = []
    for i, name in enumerate(ids):
        targets = [(kind, other) for kind in ROLE_KINDS for other in ids if other != name]
        targets += [(kind, risk.id) for kind in ("defends", "raises") for risk in risks]
        roles = draw(st.lists(st.sampled_from(targets), unique=True, max_size=3)) if targets else []
        requires = tuple(draw(st.lists(st.sampled_from(ids[:i]), unique=True))) if i else ()
        projects.append(
            Project(
                id=name,
                title=draw(PROSE),
                team=draw(st.sampled_from(["", "Red", 'Blue, "Inc"'])),
                ask=draw(st.none() | amounts),
                cells=draw(shares()),
                roles=tuple(Role(kind, target) for kind, target in roles),
                requires=requires,
                gates=tuple(draw(gates(ids[:i], requires, targets))),
                maturity=draw(st.none() | st.sampled_from(MATURITIES)),
                text=draw(LINES),
            )
        )
    ties = [*ids, *{project.team for project in projects if project.team}]
    panel = []
    for name in draw(distinct(st.integers(0, 4), "j")):
        conflicts = tuple(draw(st.lists(st.sampled_from(ties), unique=True, max_size=2)))
        if draw(st.booleans()):
            panel.append(Judge(name, "person", draw(st.sampled_from(["", "eth", "a b"])), "", conflicts))
        else:
            seen = draw(st.sampled_from(["blind", "seen"]))
            panel.append(
                Judge(name, "model", "", draw(st.sampled_from(["", "x.y"])), conflicts, seen, draw(st.none() | SECONDS))
            )
    floors = draw(st.dictionaries(st.sampled_from([cell.id for cell in CELLS]), st.floats(0, 0.1)))
    rules = Rules(
        hold_days=draw(st.integers(1, 1000)),
        money=MoneyRules(
            basis=draw(st.sampled_from(["expected", "low"])),
            caution=draw(st.floats(0, 3)),
            harm_budget=draw(st.none() | UNIT),
            team_cap=draw(st.none() | UNIT),
            floors=floors,
            minimum=draw(st.integers(0, budget.amount)),
        ),
        models=ModelRules(draw(UNIT), draw(UNIT), draw(st.none() | st.builds(Override, PROSE, PROSE))),
        constraints=tuple(
            Constraint(f"c{i}", draw(PROSE), draw(PROSE), tuple(ids[:i]), tuple(risk.id for risk in risks[:i]))
            for i in range(draw(st.integers(0, 2)))
        ),
        safeguards=tuple(draw(st.lists(st.builds(Safeguard, PROSE, PROSE, PROSE), max_size=2))),
    )
    return Round(
        name=draw(PROSE),
        goal=Goal(draw(PROSE), draw(PROSE), draw(st.sampled_from(["", "2026-11-01"]))),
        budget=budget,
        criteria=asked,
        portfolio=Portfolio(tuple(projects), risks),
        panel=Panel(tuple(panel)),
        judgments={criterion.id: draw(answers(criterion, ids, panel)) for criterion in asked},
        rules=rules,
        inputs=MoneyInputs(
            contributions=tuple(
                draw(st.lists(st.builds(Contribution, IDS.map("d".__add__), st.sampled_from(ids), amounts), max_size=2))
            )
        ),
        seed=draw(st.integers(0, 2**63 - 1)),
        simulated=draw(st.booleans()),
        notices=tuple(draw(st.lists(PROSE, max_size=2))),
    )


@given(rounds())
def test_what_is_written_is_read_back(first: Round) -> None:
    again, problems = check_files(round_files(first))
    assert problems == []
    assert again is not None
    assert_same(again, first)
    assert round_files(again) == round_files(first)


def test_on_a_disk(tmp_path: Path) -> None:
    first = load_round(build(tmp_path / "first"))
    write_round(first, tmp_path / "deep" / "second")
    again = load_round(str(tmp_path / "deep" / "second"))
    assert_same(again, first)
    assert set(again.digests) == set(first.digests)


def test_files_that_would_be_empty_are_not_written(tmp_path: Path) -> None:
    gone = dict.fromkeys(("comparisons.csv", "ratings.csv", "lists/bot.csv", "contributions.csv"), None)
    write_round(load_round(build(tmp_path / "a", {**gone})), tmp_path / "b")
    assert sorted(path.name for path in (tmp_path / "b").iterdir()) == ["judges.csv", "projects.csv", "round.toml"]


def test_a_round_is_never_written_over(tmp_path: Path) -> None:
    first = load_round(build(tmp_path))
    before = (tmp_path / "round.toml").read_bytes()
    with pytest.raises(InputError, match="exists"):
        write_round(first, tmp_path)
    assert (tmp_path / "round.toml").read_bytes() == before


def test_other_files_of_the_folder_stay(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "README.md").write_text("mine")
    write_round(load_round(build(tmp_path / "a")), tmp_path / "b")
    assert (tmp_path / "b" / "README.md").read_text() == "mine"


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    first = load_round(build(tmp_path / "a"))
    (tmp_path / "file").write_text("x")
    with pytest.raises(ExternalError, match="cannot be written"):
        write_round(first, tmp_path / "file" / "round")


def test_what_the_format_cannot_say_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    first = load_round(build(tmp_path / "a"))
    said = first.judgments["benefit"]
    twice = said.comparisons.take(np.array([0, 0]))
    doubled = replace(first, judgments={**first.judgments, "benefit": replace(said, comparisons=twice)})
    with pytest.raises(InputError, match="the same judge answered this pair before"):
        write_round(doubled, tmp_path / "b")
    huge = Comparisons([0], [0], [1], [1], [800.0])  # type: ignore[arg-type]
    doubled = replace(first, judgments={**first.judgments, "benefit": replace(said, comparisons=huge)})
    with pytest.raises(InputError, match="too large"):
        write_round(doubled, tmp_path / "b")
    assert not (tmp_path / "b").exists()
