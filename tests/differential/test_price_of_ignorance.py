"""The price of ignorance against an integral done another way, and its signs and zeros."""

from __future__ import annotations

import numpy as np
import pytest
from tests.property.allocation_cases import EURO

from daccord.allocation import allocate
from daccord.allocation.margins import prices_of_ignorance
from daccord.errors import InputError
from daccord.fusion import CriterionScore, ProjectScore, Scores
from daccord.portfolio import Portfolio, Project
from daccord.round import Budget, MoneyRules, Rules

POT = 1_000_000


def case(means, sds, *, asks=None, answers=99, pot=POT, **money):
    """A round and joint draws of its (independent) posterior."""
    size = len(means)
    portfolio = Portfolio(tuple(Project(f"p{i}", f"P{i}", ask=asks[i] if asks else None) for i in range(size)))
    scores = Scores(
        tuple(
            ProjectScore(
                f"p{i}", {"benefit": CriterionScore(round(m * 1e6), round(s * 1e6), 900_000, {}, answers, 9)}, 1, 1, 1
            )
            for i, (m, s) in enumerate(zip(means, sds, strict=True))
        )
    )
    rules = Rules(money=MoneyRules(**money))
    rng = np.random.Generator(np.random.Philox(3))
    draws = np.array(means) + np.array(sds) * rng.standard_normal((4000, size))
    budget = Budget(pot, EURO)
    verdicts = allocate(portfolio, scores, rules, budget).verdicts
    return portfolio, scores, verdicts, rules, budget, draws


def prices(*args, **options):
    return {price.project: price for price in prices_of_ignorance(*args, **options)}


def test_two_projects_by_quadrature():
    """Two projects share the pot in closed form, so the expectation is a sum over Gauss-Hermite nodes."""
    k, m, s = POT / 2, (0.2, -0.2), (0.8, 0.0)

    def share(v):  # v1 / (k + x) = v2 / (k + pot - x)
        return np.clip((v[0] * (k + POT) - v[1] * k) / (v[0] + v[1]), 0, POT)

    def worth(x, v):
        return v[0] * k * np.log1p(x / k) + v[1] * k * np.log1p((POT - x) / k)

    nodes, weights = np.polynomial.hermite_e.hermegauss(200)
    believed = np.exp(m[0]), np.exp(m[1])
    now = share(believed)
    known = np.exp(m[0] + s[0] * nodes), np.full(200, believed[1])
    gain = np.sum(weights / weights.sum() * (worth(share(known), known) - worth(now, known)))
    expected = gain / (believed[0] * k / (k + now))
    # Centring divides the draws' spread by two projects; the published standard deviation sets the scale again.
    found = prices(*case(m, s, caution=0.0), draws=4000)
    assert found["p0"].expected == pytest.approx(expected, abs=3 * found["p0"].error)
    assert found["p0"].error < 0.05 * expected
    assert expected > 1_000


def test_more_ignorance_costs_more():
    found = [prices(*case((0.0, 0.0, 0.0), (sd, 0.3, 0.3)), draws=800)["p0"].expected for sd in (0.1, 0.4, 0.8)]
    assert 0 < found[0] < found[1] < found[2]


def test_it_is_zero_where_nothing_could_change():
    known = prices(*case((0.5, 0.0, -0.5), (0.0, 0.0, 0.0)))
    assert [price.expected for price in known.values()] == [0, 0, 0]
    # p0 is far ahead and at its ask whatever is learnt; p1 and p2 compete for the rest.
    ahead = prices(*case((8.0, 0.0, 0.0), (0.2, 0.5, 0.5), asks=(200_000, None, None)))
    # Up to the noise of the sample's correlations: centring ties it to the others, and not to both exactly alike.
    assert 0 <= ahead["p0"].expected < 1e-4 * POT
    assert ahead["p1"].expected > 100 * ahead["p0"].expected


def test_there_is_none_where_money_is_worth_nothing():
    assert prices(*case((0.0, 1.0), (0.5, 0.5), asks=(10, 10))) == {}
    assert prices(*case((0.0, 1.0), (0.5, 0.5), pot=0)) == {}


@pytest.mark.parametrize("money", [{"team_cap": 0.4}, {"minimum": 300_000}, {"harm_budget": 0.1}, {"caution": 1.5}])
def test_it_is_never_negative(money):
    rng = np.random.Generator(np.random.Philox(5))
    found = prices(*case(tuple(rng.normal(0, 1, 6)), tuple(rng.uniform(0.1, 1, 6)), **money))
    assert len(found) == 6
    assert all(price.expected >= 0 and price.error >= 0 for price in found.values())


def test_thin_evidence_has_its_price():
    """Between two equals the one with few answers is limited by them; knowing it would lift the limit."""
    portfolio, scores, verdicts, rules, budget, draws = case((1.5, 0.0, 0.0, 0.0), (0.2, 0.2, 0.2, 0.2))
    thin = scores.with_project(scores.projects[0].with_criterion("benefit", judgments=3))
    assert allocate(portfolio, thin, rules, budget).awards[0].limited_by == "evidence"
    limited = prices(portfolio, thin, verdicts, rules, budget, draws)["p0"].expected
    assert limited > prices(portfolio, scores, verdicts, rules, budget, draws)["p0"].expected


def test_other_rules_have_no_measure():
    with pytest.raises(InputError, match="maximises nothing"):
        prices(*case((0.0, 0.0), (0.1, 0.1), rule="proportional"))
