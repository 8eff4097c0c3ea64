"""The committed, simulated example round holds what its README promises, and its generator writes the same bytes."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest

from daccord.allocation import allocate
from daccord.formats import load_round
from daccord.fusion import draw_log_values, fuse, publish
from daccord.portfolio import CELLS
from daccord.round import Round

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
FOLDER = EXAMPLES / "dacc"
ASKED = ("benefit", "defence", "diffusion", "harm")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def example() -> Round:
    return load_round(FOLDER)


@pytest.fixture(scope="module")
def truth() -> dict[tuple[str, str], float]:
    return {(row["project"], row["criterion"]): float(row["theta"]) for row in rows(EXAMPLES / "dacc-truth.csv")}


@pytest.fixture(scope="module")
def log_weights(example: Round) -> dict[tuple[str, str], np.ndarray]:
    return {
        (entry.model, criterion): np.log([entry.weights[project] for project in example.portfolio.ids])
        for criterion in ASKED
        for entry in example.judgments[criterion].lists
    }


def test_the_generator_writes_the_committed_bytes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, EXAMPLES / "make_dacc.py", tmp_path], check=True)
    written = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    committed = {
        path.relative_to(EXAMPLES): path.read_bytes()
        for path in [EXAMPLES / "dacc-truth.csv", *FOLDER.rglob("*")]
        if path.is_file()
    }
    assert written.keys() == committed.keys()
    assert [str(name) for name in committed if written[name] != committed[name]] == []
    assert max(len(data) for data in committed.values()) < 60_000
    assert not any(b"\r" in data for data in committed.values())


def test_everywhere_a_person_looks_it_says_simulated(example: Round) -> None:
    assert example.simulated
    assert "(simulated)" in example.name
    assert "simulated" in (EXAMPLES / "README.md").read_text(encoding="utf-8").splitlines()[0]
    for path in (EXAMPLES / "dacc-source").iterdir():
        assert "Simulated" in path.read_text(encoding="utf-8").splitlines()[0]


def test_judges(example: Round) -> None:
    people = [judge for judge in example.panel if judge.is_person]
    models = [judge for judge in example.panel if not judge.is_person]
    assert [judge.id for judge in people] == [f"j{n:02d}" for n in range(1, 17)]
    assert len(example.panel.communities) == 4
    assert len(models) == 6
    assert len({judge.family for judge in models}) == 4
    known = set(example.portfolio.ids) | {project.team for project in example.portfolio}
    conflicts = [name for judge in people for name in judge.conflicts]
    assert conflicts
    assert known.issuperset(conflicts)


def test_projects_fill_the_cube_and_ask_for_more_than_there_is(example: Round) -> None:
    assert len(example.portfolio) == 36
    main = Counter(max(project.cells, key=lambda cell: project.cells[cell]) for project in example.portfolio)
    assert set(main) == {cell.id for cell in CELLS}
    assert min(main.values()) >= 3
    assert all(sum(project.cells.values()) == 1 for project in example.portfolio)
    assert any(len(project.cells) > 1 for project in example.portfolio)
    asks = [project.ask for project in example.portfolio]
    assert None not in asks
    assert sum(ask or 0 for ask in asks) / example.budget.amount == pytest.approx(2.2, abs=0.05)
    teams = Counter(project.team for project in example.portfolio)
    assert [count for count in teams.values() if count > 1] == [2]
    assert all(60 <= len(project.text.split()) <= 120 for project in example.portfolio)


def test_roles_are_edges_to_something_that_exists(example: Round) -> None:
    risks = {risk.id for risk in example.portfolio.risks}
    edges = [(project.id, role.kind, role.target) for project in example.portfolio for role in project.roles]
    assert all(target in risks or target in example.portfolio.index for _, _, target in edges)
    assert {source for source, kind, _ in edges if kind == "raises"} == {"transmission-atlas", "exploit-foundry"}
    assert ("proven-patch", "substitutes", "exploit-foundry") in edges
    assert sum(kind == "defends" for _, kind, _ in edges) >= 20
    # Somebody works against every risk, except the one that a hard constraint forbids.
    defended = {target for _, kind, target in edges if kind == "defends"}
    assert risks - defended == {"pathogen-enhancement"}


def test_safety_partners_are_required_and_two_gates_are_closed(example: Round) -> None:
    made_safe = {
        (role.target, project.id)
        for project in example.portfolio
        for role in project.roles
        if role.kind == "makes_safe"
    }
    required = {(project.id, partner) for project in example.portfolio for partner in project.requires}
    assert made_safe == required
    closed = {project for project, partner in required if example.portfolio[partner].maturity != "deployed"}
    assert closed == {"benchtop-writer", "implant-cloud"}
    assert {project for project, _ in required} - closed == {"garage-cluster"}


def test_one_project_breaks_a_hard_constraint(example: Round) -> None:
    broken = {
        project.id
        for project in example.portfolio
        for constraint in example.rules.constraints
        if project.id in constraint.projects
        or any(role.kind == "raises" and role.target in constraint.raises for role in project.roles)
    }
    assert broken == {"transmission-atlas"}
    assert example.rules.safeguards


def test_answers_are_as_many_as_promised() -> None:
    compared = Counter(row["criterion"] for row in rows(FOLDER / "comparisons.csv"))
    rated = Counter(row["criterion"] for row in rows(FOLDER / "ratings.csv"))
    assert set(compared) == set(ASKED) - {"harm"}  # harm is heard in groups: by ratings alone, and often
    assert set(rated) == set(ASKED)
    assert compared["benefit"] == pytest.approx(160, abs=15)
    assert rated["benefit"] == pytest.approx(120, abs=10)
    for criterion in ("defence", "diffusion"):
        assert compared[criterion] == pytest.approx(60, abs=8)
        assert rated[criterion] == pytest.approx(110, abs=10)
    assert rated["harm"] == pytest.approx(350, abs=15)


def test_every_juror_answers_and_nobody_twice() -> None:
    compared, rated = rows(FOLDER / "comparisons.csv"), rows(FOLDER / "ratings.csv")
    pairs = Counter((row["juror"], row["criterion"], frozenset((row["a"], row["b"]))) for row in compared)
    single = Counter((row["juror"], row["criterion"], row["project"]) for row in rated)
    assert max(pairs.values()) == 1
    assert max(single.values()) == 1
    loads = Counter(row["juror"] for row in [*compared, *rated])
    assert set(loads) == {f"j{n:02d}" for n in range(1, 17)}
    assert min(loads.values()) >= 15
    assert [row["time"] for row in compared] == sorted(row["time"] for row in compared)


def test_only_the_late_application_has_thin_evidence(example: Round) -> None:
    jurors: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in rows(FOLDER / "ratings.csv"):
        jurors[row["criterion"], row["project"]].append(row["juror"])
    for row in rows(FOLDER / "comparisons.csv"):
        for project in (row["a"], row["b"]):
            jurors[row["criterion"], project].append(row["juror"])
    evidence = example.rules.evidence
    for project in set(example.portfolio.ids) - {"kelp-lines"}:
        for criterion in ("benefit", "harm"):
            said = jurors[criterion, project]
            assert len(said) >= evidence.min_judgments, (project, criterion)
            assert len(set(said)) >= evidence.min_jurors, (project, criterion)
    assert 1 <= sum(len(jurors[criterion, "kelp-lines"]) for criterion in ASKED) <= 2


def test_comparisons_are_mixed_and_one_is_absurd() -> None:
    compared = rows(FOLDER / "comparisons.csv")
    ties = [row for row in compared if row["winner"] == "tie"]
    order_only = [row for row in compared if row["winner"] != "tie" and not row["ratio"]]
    assert 3 <= len(ties) <= 40
    assert 0.15 < len(order_only) / len(compared) < 0.5
    ratios = sorted(float(row["ratio"]) for row in compared if row["ratio"])
    assert ratios[-1] == 999
    assert 1 < ratios[0] <= ratios[-2] <= 100


def test_the_reader_keeps_every_answer(example: Round) -> None:
    compared = Counter(row["criterion"] for row in rows(FOLDER / "comparisons.csv"))
    rated = Counter(row["criterion"] for row in rows(FOLDER / "ratings.csv"))
    for criterion in ASKED:
        assert len(example.judgments[criterion].comparisons) == compared[criterion]
        assert len(example.judgments[criterion].ratings) == rated[criterion]


def test_ratings_follow_the_truth(example: Round, truth: dict[tuple[str, str], float]) -> None:
    for criterion in ASKED:
        said = defaultdict(list)
        for row in rows(FOLDER / "ratings.csv"):
            if row["criterion"] == criterion:
                said[row["project"]].append(float(row["value"]))
        means = [float(np.mean(values)) for values in said.values()]
        hidden = [truth[project, criterion] for project in said]
        assert np.corrcoef(means, hidden)[0, 1] > 0.8, criterion
    assert np.std([truth[project, "benefit"] for project in example.portfolio.ids]) == pytest.approx(1, abs=0.15)


def test_stated_intervals_are_too_narrow_by_about_a_half(truth: dict[tuple[str, str], float]) -> None:
    """Distance of what jurors said from their own stretch and offset, in standard deviations that they state."""
    levels = {(row["project"], row["criterion"]): float(row["level"]) for row in rows(EXAMPLES / "dacc-truth.csv")}
    answered: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows(FOLDER / "ratings.csv"):
        # Near the ends of the scale, clipping hides how far beyond them a juror would have gone.
        if 3 < levels[row["project"], row["criterion"]] < 7:
            answered[row["juror"]].append(row)
    squares = []
    for answers in answered.values():
        keys = [(row["project"], row["criterion"]) for row in answers]
        design = np.array([[1.0, truth[key]] for key in keys])
        shift = np.array([float(row["value"]) - levels[key] for row, key in zip(answers, keys, strict=True)])
        habit = np.linalg.lstsq(design, shift, rcond=None)[0]
        for row, error in zip(answers, shift - design @ habit, strict=True):
            if row["low"]:
                value, low, high = (float(row[name]) for name in ("value", "low", "high"))
                stated = max(value - low, high - value) / NormalDist().inv_cdf(0.9)
                squares.append(len(answers) / (len(answers) - 2) * (error / stated) ** 2)
    assert len(squares) > 80
    assert np.sqrt(np.mean(squares)) == pytest.approx(1.5, abs=0.25)


def test_lists_cover_everything(example: Round, log_weights: dict[tuple[str, str], np.ndarray]) -> None:
    judged = Counter(criterion for _, criterion in log_weights)
    assert judged["benefit"] == 6
    assert judged["defence"] >= 2
    assert judged["harm"] >= 2
    assert all(np.exp(vector).sum() == pytest.approx(1, abs=1e-9) for vector in log_weights.values())
    assert {model for model, _ in log_weights} == {judge.id for judge in example.panel if not judge.is_person}


def test_near_copies_and_the_adversary(
    example: Round, log_weights: dict[tuple[str, str], np.ndarray], truth: dict[tuple[str, str], float]
) -> None:
    copy, original = log_weights["pumice-1", "benefit"], log_weights["basalt-large", "benefit"]
    assert np.corrcoef(copy, original)[0, 1] > 0.98
    assert not np.array_equal(copy, original)
    assert example.panel["pumice-1"].family != example.panel["basalt-large"].family
    hidden = np.array([truth[project, "benefit"] for project in example.portfolio.ids])
    skill = {
        model: float(np.corrcoef(vector, hidden)[0, 1])
        for (model, criterion), vector in log_weights.items()
        if criterion == "benefit"
    }
    assert min(skill, key=lambda model: skill[model]) == "cinder-7"
    assert skill["cinder-7"] < -0.3
    assert max(skill, key=lambda model: skill[model]) == "orchid-2"
    promoted = example.portfolio.index["weights-mirror"]
    assert int(np.argmax(log_weights["cinder-7", "benefit"])) == promoted
    assert int(np.argmin(log_weights["cinder-7", "harm"])) == promoted


def test_contributions_are_small_and_pseudonymous(example: Round) -> None:
    assert len(example.inputs.contributions) == 40
    assert all(gift.donor.startswith("d") and gift.donor[1:].isdigit() for gift in example.inputs.contributions)
    assert all(0 < gift.amount <= 25_000 for gift in example.inputs.contributions)


def test_every_kind_of_verdict_appears(example: Round) -> None:
    beliefs = fuse(example)
    ids = example.portfolio.ids
    scores = publish(beliefs, ids, draw_log_values(beliefs["benefit"], ids, example.seed))
    decided = allocate(example.portfolio, scores, example.rules, example.budget)
    labelled = defaultdict(set)
    for verdict in decided.verdicts:
        labelled[verdict.label].add(verdict.project)
    assert labelled["hold"] == {"transmission-atlas", "exploit-foundry", "message-tuner", "weights-mirror"}
    assert labelled["unrated"] == {"kelp-lines"}
    assert labelled["with_safeguards"] >= {"benchtop-writer", "implant-cloud", "garage-cluster"}
    assert len(labelled["accelerate"]) >= 20
    assert 2 <= len(labelled["unclear"]) <= 6
    assert decided.verdict_of["benchtop-writer"].waits_for == ("order-screening",)
    assert decided.verdict_of["implant-cloud"].waits_for == ("neural-lockbox",)
    assert sum(award.amount for award in decided.awards) + decided.unallocated == example.budget.amount
    assert any(award.limited_by == "ask" for award in decided.awards)
