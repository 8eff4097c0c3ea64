"""Gitcoin's third round: the match by our rules against the official one.

Sources: donations, tkgshn/plural-qf (0b004592); official match, opensource-observer/insights (0533658b). Gitcoin
matched by account and the donations have addresses, so that amounts cannot be equal; 65 of 75 grants are told by the
number and sum of their donations. Published comparison: Pearson 0.951 and total variation 0.165 for the plain match,
0.986 and 0.083 for the pairwise-bounded match at M = 5.
"""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from daccord.allocation import award_draws
from daccord.formats import load_round, write_round
from daccord.formats.gitcoin import GitcoinSpec, import_gitcoin, link_results, read_donations, read_results
from daccord.pipeline import Decision, decide
from daccord.round import QuadraticRules, Round


@pytest.fixture(scope="module")
def folder(shared_data: Path) -> Path:
    found = shared_data / "gitcoin-gr3"
    if not found.is_dir():
        pytest.skip("no shared data: the folder has no gitcoin-gr3")
    return found


@pytest.fixture(scope="module")
def round3(folder: Path) -> Round:
    spec = GitcoinSpec(results=folder / "official_round3_results.csv")
    return import_gitcoin(folder / "GR03_contributions.csv", spec)


@pytest.fixture(scope="module")
def official(folder: Path) -> dict[str, float]:
    _, donations = read_donations(folder / "GR03_contributions.csv")
    _, results = read_results(folder / "official_round3_results.csv")
    linked = link_results(donations, results)
    return {f"grant-{grant}": float(result.match) for grant, result in linked.items()}


def decided(round_: Round, **quadratic: object) -> Decision:
    money = replace(round_.rules.money, quadratic=QuadraticRules(**quadratic))  # type: ignore[arg-type]
    return decide(replace(round_, rules=replace(round_.rules, money=money)))


def against(decision: Decision, official: dict[str, float]) -> tuple[float, float]:
    """Pearson correlation and total variation between our match and the official one."""
    ours = np.array([float(decision.allocation.award_of[name].amount) for name in official])
    theirs = np.array(list(official.values()))
    apart = np.abs(ours / ours.sum() - theirs / theirs.sum()).sum() / 2
    return float(np.corrcoef(ours, theirs)[0, 1]), float(apart)


def test_the_donations(round3: Round, official: dict[str, float]) -> None:
    gifts = round3.inputs.contributions
    assert len(gifts) == 1931
    assert len(round3.portfolio) == 75
    assert len({gift.donor for gift in gifts}) == 324
    assert abs(sum(gift.amount for gift in gifts) / 10**6 - 96_377.01) < 0.005
    assert round3.budget.amount == 99_882_200_000
    assert len(official) == 65


def test_the_bound_that_uses_up_the_pot(round3: Round, official: dict[str, float]) -> None:
    found = decided(round3)
    assert sum(award.amount for award in found.allocation.awards) == round3.budget.amount
    assert Fraction(found.allocation.certificate["M, minor units"]) == 4_201_690
    pearson, apart = against(found, official)
    assert pearson >= 0.986
    assert apart == pytest.approx(0.0816, abs=0.0005)


def test_the_published_bound_of_five(round3: Round, official: dict[str, float]) -> None:
    pearson, apart = against(decided(round3, bound=5_000_000), official)
    assert pearson == pytest.approx(0.986, abs=0.0005)
    assert apart == pytest.approx(0.083, abs=0.0005)


def test_the_plain_match(round3: Round, official: dict[str, float]) -> None:
    pearson, apart = against(decided(round3, variant="plain"), official)
    assert pearson == pytest.approx(0.951, abs=0.0005)
    assert apart == pytest.approx(0.165, abs=0.0005)


def test_the_match_is_that_of_a_table_of_floats(folder: Path, round3: Round) -> None:
    """The same formula with matrices in floating point."""
    text = (folder / "GR03_contributions.csv").read_text(encoding="utf-8")
    given: dict[tuple[str, str], float] = {}
    for row in csv.DictReader(io.StringIO(text)):
        key = row["address"], f"grant-{row['grant_id']}"
        given[key] = given.get(key, 0.0) + float(row["amount_in_usdt"])
    donors = sorted({donor for donor, _ in given})
    roots = np.array([[given.get((donor, grant), 0.0) ** 0.5 for grant in round3.portfolio.ids] for donor in donors])
    shared = roots @ roots.T
    weight = 5 / (5 + shared)
    np.fill_diagonal(weight, 0)
    matches = np.einsum("ip,ij,jp->p", roots, weight, roots)
    found = decided(round3, bound=5_000_000).allocation
    ours = np.array([award.amount for award in found.awards]) / 1e6
    assert ours == pytest.approx(matches * 99_882.2 / matches.sum(), abs=1e-5, rel=1e-7)


def test_no_address_is_left(round3: Round, tmp_path: Path) -> None:
    write_round(round3, tmp_path / "round")
    assert not any(b"0x" in path.read_bytes().lower() for path in (tmp_path / "round").iterdir())
    again = load_round(tmp_path / "round")
    assert again.inputs.contributions == round3.inputs.contributions
    assert "0x" not in " ".join(decided(round3).allocation.certificate.values())


def test_electorates_drawn_anew_spend_the_pot_around_the_awards(round3: Round) -> None:
    found = decided(round3)
    drawn = award_draws(
        round3.portfolio,
        found.scores,
        found.allocation.verdicts,
        found.round.rules,
        round3.budget,
        np.zeros((1, 75)),
        round3.inputs,
    )
    assert drawn.shape[1] == 75
    assert drawn.sum(axis=1) == pytest.approx(round3.budget.amount)
    amounts = np.array([award.amount for award in found.allocation.awards], dtype=float)
    assert np.corrcoef(drawn.mean(axis=0), amounts)[0, 1] > 0.999
