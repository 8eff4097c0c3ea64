"""Boundaries between constitutions: found where planted, denied where there are none, and true as they are worded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import fisher_exact
from tests.unit.study_cases import pieces_of, study_of

from daccord.futures.study import Boundary, Comparison, Piece, Study, compare
from daccord.futures.study._boundaries import _finding, chance, claimed
from daccord.futures.study._compare import _cases

BoolArray = npt.NDArray[np.bool_]

STUDY = study_of(150)


def planted(factors: Mapping[str, float], group: str) -> list[float]:
    """The consortium beats the market while little leaks and returns are large; nothing decides on the others."""
    better = factors["leak"] < 0.12 and factors["returns"] > 1.1
    return [60.0, 71.0 if better else 68.5, 70.0, 70.0]


PIECES = pieces_of(STUDY, planted, noise=0.5)
FOUND = compare(STUDY, PIECES)


def of(found: Comparison, a: str, b: str) -> Boundary:
    return next(item for item in found.boundaries if {item.better, item.than} == {a, b})


def fresh_of(study: Study, pieces: list[Piece]) -> BoolArray:
    """Which scenarios took no part in finding."""
    return ~_finding(_cases(study, pieces))


def holds(condition: str, factors: Mapping[str, float]) -> bool:
    """Whether what a sentence says of factors is so, read from its words."""
    for part in condition.split(" and "):
        between = re.fullmatch(r"(\S+) ≤ (\S+) ≤ (\S+)", part)
        if between:
            low, name, high = between.groups()
            if not float(low) <= factors[name] <= float(high):
                return False
            continue
        name, sign, end = part.split(" ")
        x, limit = factors[name], float(end)
        if not {"≤": x <= limit, "≥": x >= limit, ">": x > limit, "=": x == limit}[sign]:
            return False
    return True


def test_a_planted_boundary_is_found_and_only_its_factors() -> None:
    item = of(FOUND, "consortium", "market")
    assert (item.better, item.than) == ("consortium", "market")
    (box,) = item.boxes
    ends = {limit.factor: (limit.low, limit.high) for limit in box.limits}
    assert ends.keys() == {"leak", "returns"}
    assert ends["leak"] == (-np.inf, pytest.approx(0.12, abs=0.02))
    assert ends["returns"] == (pytest.approx(1.1, abs=0.05), np.inf)
    assert all(limit.doubt < 0.2 for limit in box.limits)
    assert box.fresh_density is not None
    assert box.fresh_density > 0.85
    assert box.coverage > 0.85
    assert any("leak ≤" in rule and "returns >" in rule for rule in item.rules)


@pytest.mark.parametrize("noise", [0.5, 1.2])
def test_sentences_and_rules_are_true_as_they_are_worded(noise: float) -> None:
    pieces = pieces_of(STUDY, planted, noise=noise, seed=7)
    found = compare(STUDY, pieces)
    fresh = [piece for piece, is_fresh in zip(pieces, fresh_of(STUDY, pieces), strict=True) if is_fresh]
    assert len(fresh) == 150
    told = 0
    for item in found.boundaries:
        a, b = (found.constitutions.index(name) for name in (item.better, item.than))
        wins = {piece.scenario.index: bool(piece.measures[a, 0] > piece.measures[b, 0]) for piece in pieces}
        assert item.share == pytest.approx(sum(wins.values()) / len(pieces))
        match = re.fullmatch(
            r"(.+) beats (.+?) (?:more often )?when (.+): "
            r"in (\d+) % of (\d+) scenarios inside and (\d+) % of (\d+) outside",
            item.sentence,
        )
        if match is None:
            assert item.sentence == (
                f"no boundary found between {item.better} and {item.than}: {item.better} has more welfare in "
                f"{sum(wins.values())} of 300 scenarios, and no limits on what varied say where"
            )
            assert not item.boxes
            assert not item.rules
            continue
        told += 1
        assert match[1] == item.better
        assert match[2] == item.than
        for inside, share, count in ((True, match[4], match[5]), (False, match[6], match[7])):
            part = [wins[p.scenario.index] for p in fresh if holds(match[3], p.scenario.factors) == inside]
            assert len(part) == int(count)
            assert f"{sum(part) / len(part):.0%}" == f"{share}%"
        for rule in item.rules:
            words = re.fullmatch(r"(.+): better in (\d+) % of (\d+) scenarios", rule)
            assert words is not None
            part = [wins[p.scenario.index] for p in fresh if holds(words[1], p.scenario.factors)]
            assert len(part) == int(words[3])
            assert f"{sum(part) / len(part):.0%}" == f"{words[2]}%"
        for box in item.boxes:
            within = [all(lim.low <= p.scenario.factors[lim.factor] <= lim.high for lim in box.limits) for p in pieces]
            good = [wins[p.scenario.index] for p in pieces]
            both = sum(w and g for w, g in zip(within, good, strict=True))
            assert box.mass == pytest.approx(sum(within) / 300)
            assert box.density == pytest.approx(both / sum(within))
            assert box.coverage == pytest.approx(both / sum(good))
    assert told >= 1


def test_every_pair_of_which_each_is_better_somewhere_has_a_boundary() -> None:
    welfare = np.array([piece.measures[:, 0] for piece in PIECES])
    names = FOUND.constitutions
    pairs = {
        frozenset((names[a], names[b]))
        for a, b in combinations(range(4), 2)
        if (welfare[:, a] > welfare[:, b]).any() and (welfare[:, a] < welfare[:, b]).any()
    }
    assert {frozenset((item.better, item.than)) for item in FOUND.boundaries} == pairs
    assert not any("no steering" in pair for pair in pairs)
    off = [abs(item.share - 0.5) for item in FOUND.boundaries]
    assert off == sorted(off)


def test_pure_chance_is_called_that() -> None:
    item = of(FOUND, "market", "federation")
    assert item.sentence.startswith("no boundary found between")
    claims = 0
    for seed in range(6):
        found = compare(STUDY, pieces_of(STUDY, lambda factors, group: [60.0] * 4, noise=1.0, seed=seed))
        claims += sum("no boundary" not in item.sentence for item in found.boundaries)
    assert claims <= 1  # of 36 pairs, at one in a hundred


def test_another_constitutions_parameters_are_not_asked() -> None:
    """Made to go with the federation's share, which cannot matter to these two: nothing to say."""
    pieces = pieces_of(
        STUDY,
        lambda factors, group: [0.0, 71.0 if factors["federation.share"] > 0.5 else 69.0, 70.0, 50.0],
        noise=0.2,
    )
    assert "no boundary found" in of(compare(STUDY, pieces), "consortium", "market").sentence


def test_two_regions_have_two_boxes() -> None:
    pieces = pieces_of(
        STUDY,
        lambda factors, group: [0.0, 71.0 if factors["leak"] < 0.06 or factors["noise"] > 0.8 else 69.0, 70.0, 50.0],
        noise=0.1,
    )
    item = of(compare(STUDY, pieces), "consortium", "market")
    assert len(item.boxes) == 2 or len(item.boxes[0].limits) == 2  # the two regions, or what is in neither


def test_few_scenarios_have_no_boundaries() -> None:
    study = study_of(16)
    found = compare(study, pieces_of(study, planted, noise=0.5))
    assert found.boundaries
    for item in found.boundaries:
        assert item.sentence.endswith("of 32 scenarios; boundaries need 40 scenarios or more")
        assert not item.boxes
        assert not item.rules


def test_forty_scenarios_tell_a_plain_boundary() -> None:
    study = study_of(20)
    pieces = pieces_of(study, lambda f, g: [0.0, 71.0 if f["leak"] < 0.13 else 69.0, 70.0, 50.0], noise=0.1)
    item = of(compare(study, pieces), "consortium", "market")
    assert re.match(r"consortium beats market when leak ≤ |market beats consortium when leak ≥ ", item.sentence)


def test_the_order_of_pieces_and_missing_ones() -> None:
    shuffled = [PIECES[k] for k in np.random.default_rng(1).permutation(len(PIECES))]
    again = compare(STUDY, shuffled)
    assert again.boundaries == FOUND.boundaries
    some = compare(STUDY, [piece for piece in PIECES if piece.scenario.index % 3])
    assert of(some, "consortium", "market").sentence.startswith("consortium beats market when leak ≤ ")


def test_halves_keep_shared_worlds_together() -> None:
    """Scenarios in the same place of their classes play the same worlds: both find, or both test."""
    half = ~fresh_of(STUDY, PIECES)
    assert (half[:150] == half[150:]).all()
    assert half.sum() == 150
    other = replace(STUDY, seed=9)
    assert (fresh_of(other, PIECES) == half).mean() < 0.7


def test_the_same_welfare_is_nobodys_win() -> None:
    pieces = pieces_of(STUDY, lambda f, g: [60.0, 70.0, 70.0 + 1e-12 * (f["leak"] - 0.1), 50.0])
    assert not compare(STUDY, pieces).boundaries


@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 12), st.integers(0, 12))
def test_chance_is_fishers(a: int, b: int, c: int, d: int) -> None:
    """Inside a of interest and b not, outside c and d."""
    if a + b and c + d:
        own = chance(a, a + b, a + c, a + b + c + d)
        assert own == pytest.approx(fisher_exact([[a, b], [c, d]], alternative="greater").pvalue, abs=1e-12)


def test_a_claim_needs_size_as_well_as_sureness() -> None:
    half = np.arange(4000) < 2000
    slight = np.where(half, np.arange(4000) % 20 < 11, np.arange(4000) % 20 < 9)
    assert chance(1100, 2000, 2000, 4000) < 1e-6
    assert claimed(slight, half)
    slighter = np.where(half, np.arange(4000) % 50 < 27, np.arange(4000) % 50 < 23)
    assert chance(1080, 2000, 2000, 4000) < 1e-4
    assert not claimed(slighter, half)
    assert not claimed(half[:8], half[:8])  # all inside
