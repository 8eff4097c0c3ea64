"""The money rule `quadratic`: published figures, limits, what is said about M, and odd rounds.

G1–G5 follow V. Buterin, "Quadratic payments: a primer" (2019), "Pairwise coordination subsidies: a new quadratic
funding design" (2019) and the discussion below it.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest

from daccord.allocation import QUADRATIC, MoneyTask, allocate
from daccord.allocation.matching import Gifts, Scale, cosine_sums, find_bound, pair_sums, plain_sums
from daccord.errors import InputError
from daccord.fusion import ProjectScore, Scores
from daccord.judging import Contribution, Donor
from daccord.money import Currency
from daccord.portfolio import Portfolio, Project
from daccord.round import Budget, MoneyInputs, MoneyRules, QuadraticRules, Rules, VerdictRules

EURO = Currency("EUR", 2)


def match(table, bound=None):
    """Match of each grant in whole euros; `table[i][p]` is what donor i gives to grant p, whole euros."""
    rows = [(i, p, 100 * c) for i, row in enumerate(table) for p, c in enumerate(row) if c]
    donor, grant, amount = zip(*rows, strict=True)
    gifts = Gifts.of(donor, grant, amount, donors=len(table), grants=len(table[0]))
    if bound is None:
        sums, unit = plain_sums(gifts)
    else:
        scale = Scale.of(gifts.largest, 64)
        (sums,), unit = pair_sums(gifts, scale, [scale.units(Fraction(bound) * 100)]), scale.unit
    return [float(value * unit / 100) for value in sums]


def divide(gifts, *, pot=1_000_00, donors=(), projects=None, rules=None, **quadratic):
    """Amounts, and the allocation; gifts are (donor, project, minor units)."""
    names = sorted({project for _, project, _ in gifts})
    portfolio = Portfolio(projects or tuple(Project(name, name) for name in names))
    money = MoneyRules(rule="quadratic", quadratic=QuadraticRules(**quadratic), **(rules or {}))
    found = allocate(
        portfolio,
        Scores(tuple(ProjectScore(project.id, {}, 0, 0, 0) for project in portfolio)),
        Rules(verdicts=VerdictRules(pays="not_held"), money=money),
        Budget(pot, EURO),
        MoneyInputs(contributions=tuple(Contribution(*gift) for gift in gifts), donors=tuple(donors)),
    )
    return {award.project: award.amount for award in found.awards}, found


CROWD = [(f"d{i}", "crowd", 10_00) for i in range(10)]
CLIQUE = [(f"e{i}", "clique", 400_00) for i in range(3)]


def test_g1_ten_donors_of_one_unit_get_ninety():
    assert match([[1]] * 10) == pytest.approx([90], rel=1e-15)


@pytest.mark.parametrize("x", [1, 1000, 10**9])
def test_g2_two_colluders_take_any_amount_from_the_plain_match(x):
    assert match([[x], [x]]) == pytest.approx([2 * x], rel=1e-12)


@pytest.mark.parametrize(("w", "m"), [(1, 5), (1000, 5), (10**9, 5)])
def test_g3_a_pair_takes_less_than_twice_the_bound(w, m):
    (taken,) = match([[w], [w]], bound=m)
    assert taken == pytest.approx(2 * m * w / (m + w), rel=1e-12)
    assert taken < 2 * m


@pytest.mark.parametrize("k", [2, 3, 10])
def test_g3_colluders_take_less_than_k_times_k_minus_1_times_the_bound(k):
    taken = sum(match([[10**9] * 2] * k, bound=5))
    assert 0.99 * k * (k - 1) * 5 < taken < k * (k - 1) * 5


def test_g4_one_unit_to_ten_projects_is_like_ten_to_one():
    assert sum(match([[1] * 10] * 2, bound=5)) == pytest.approx(sum(match([[10], [10]], bound=5)), rel=1e-12)


def test_g5_the_cosine_rule_and_how_it_breaks():
    def cosine(table):
        rows = [(i, p, c) for i, row in enumerate(table) for p, c in enumerate(row) if c]
        donor, grant, amount = zip(*rows, strict=True)
        return cosine_sums(Gifts.of(donor, grant, amount, donors=len(table), grants=len(table[0])))

    assert cosine([[100, 0, 100], [0, 100, 100]]) == pytest.approx([0, 0, 100])
    assert cosine([[100, 100], [100, 100]]) == pytest.approx([0, 0], abs=1e-9)
    # A huge gift to a project of one's own makes two copies unlike each other.
    assert cosine([[10**12, 100, 0], [0, 100, 10**12]]) == pytest.approx([0, 200, 0], rel=1e-3)
    assert cosine_sums(Gifts.of([], [], [], donors=0, grants=2)) == [0, 0]


def test_the_pot_is_spent_and_the_bound_is_said():
    amounts, found = divide(CROWD + CLIQUE, pot=100_00)
    assert sum(amounts.values()) == 100_00
    assert found.unallocated == 0
    bound = Fraction(found.certificate["M, minor units"])
    crowd, clique = 45 * 2 * bound * 1000 / (bound + 1000), 3 * 2 * bound * 40000 / (bound + 40000)
    assert crowd + clique >= 100_00 > (crowd + clique) * (1 - Fraction(1, 10**5))
    assert amounts["crowd"] == round(100_00 * crowd / (crowd + clique))


def test_plain_pays_the_clique_more_and_warns():
    amounts, found = divide(CROWD + CLIQUE, pot=100_00, variant="plain")
    assert amounts["clique"] == round(100_00 * 2400 / (2400 + 900))
    assert any("no bound M" in warning for warning in found.warnings)
    bounded, _ = divide(CROWD + CLIQUE, pot=100_00)
    assert bounded["clique"] < bounded["crowd"]


def test_a_given_bound_is_kept_and_the_match_is_never_scaled_up():
    amounts, found = divide(CROWD + CLIQUE, pot=1_000_000_00, bound=5_00)
    assert amounts["clique"] == int(Fraction(3 * 2 * 500 * 40_000, 40_500))
    assert found.unallocated == 1_000_000_00 - sum(amounts.values())
    assert found.certificate["M in force, minor units"] == "500"


def test_a_pot_that_pairs_cannot_take_stays():
    amounts, found = divide(CROWD + CLIQUE, pot=10_000_000_00)
    assert found.certificate["M, minor units"] == str(16 * 400_00)
    assert 2400_00 * 16 // 17 <= amounts["clique"] < 2400_00
    assert any("M stops at 16 times" in warning for warning in found.warnings)


def test_trust_lowers_what_a_pair_can_take():
    few = [("a", "p", 1_000_000_00), ("b", "p", 1_000_000_00)]
    full, _ = divide(few, bound=5_00)
    half, _ = divide(few, bound=5_00, donors=[Donor("a", Fraction(1, 2)), Donor("b", Fraction(1, 2))])
    none, found = divide(few, bound=5_00, donors=[Donor("a", Fraction(0))])
    assert (full["p"], half["p"], none["p"]) == (9_99, 2_49, 0)
    assert any("nothing is matched" in text for text in found.warnings)


@pytest.mark.parametrize(
    ("cost", "words"), [(None, "sybil margin is not known"), (1, "Identities are cheaper"), (1_000_000, None)]
)
def test_sybil_margin(cost, words):
    _, found = divide(CROWD + CLIQUE, pot=100_00, identity_cost=cost)
    said = [text for text in found.warnings if "dentit" in text]
    assert [words in text for text in said] == ([True] if words else [])
    if cost is not None:
        margin = cost - Fraction(found.certificate["M in force, minor units"])
        assert Fraction(found.certificate["sybil margin c - M, minor units"]) == margin


def test_limits_are_kept_and_nobody_gets_more_than_the_plain_match():
    projects = (
        Project("a", "A", team="t"),
        Project("b", "B", team="t"),
        Project("c", "C", ask=7_00),
        Project("d", "D"),
    )
    gifts = [(f"{p}{i}", p, 100 * (i + 1)) for p in "abcd" for i in range(8)]
    amounts, found = divide(gifts, pot=100_00, projects=projects, cap=0.3, rules={"team_cap": 0.4})
    assert amounts["a"] + amounts["b"] == 40_00
    assert amounts["c"] == 7_00
    assert amounts["d"] == 30_00
    assert [award.limited_by for award in found.awards] == ["team_cap", "team_cap", "ask", "cap"]
    assert found.unallocated == 23_00


def test_what_a_cap_cuts_off_goes_to_the_others_and_raises_the_bound_in_force():
    gifts = CROWD + [(f"f{i}", "small", 10_00) for i in range(4)]
    amounts, found = divide(gifts, pot=100_00, cap=0.5)
    assert amounts["crowd"] == 50_00
    assert amounts["small"] == 50_00
    bound = Fraction(found.certificate["M, minor units"])
    assert Fraction(found.certificate["M in force, minor units"]) > 3 * bound


def test_a_minimum_drops_the_smallest():
    gifts = [*CROWD, ("x", "tiny", 1), ("y", "tiny", 1)]
    amounts, found = divide(gifts, pot=100_00, rules={"minimum": 10_00})
    assert amounts == {"crowd": 100_00, "tiny": 0}
    assert found.award_of["tiny"].limited_by == "minimum"


def test_gifts_are_added_up_whatever_their_order():
    whole = [("a", "p", 30), ("b", "p", 20), ("a", "q", 5), ("c", "q", 9)]
    parts = [("c", "q", 4), ("a", "p", 10), ("b", "p", 20), ("a", "q", 5), ("a", "p", 20), ("c", "q", 5)]
    for variant in ("pairwise", "plain", "cluster"):
        assert divide(whole, pot=33, variant=variant)[0] == divide(parts, pot=33, variant=variant)[0]


def test_what_an_award_consists_of_names_nobody():
    _, found = divide([("secret-one", "p", 100_00), ("secret-two", "p", 100_00)], pot=50_00)
    assert found.certificate["direct gifts, the donors' own money and no part of the pot"] == "200.00 EUR"
    assert found.certificate["project p"].startswith("2 donors gave 200.00 EUR themselves; plain match 200.00 EUR")
    assert found.certificate["pair 1 by what both gave"].startswith("100.00 EUR shared")
    assert "secret" not in " ".join([*found.certificate.values(), *found.certificate, *found.warnings])


def test_donations_to_held_projects_are_not_matched():
    task = MoneyTask(
        (Project("p", "P"),),
        (ProjectScore("p", {}, 0, 0, 0),),
        MoneyRules(rule="quadratic"),
        Budget(10, EURO),
        MoneyInputs(contributions=(Contribution("a", "p", 5), Contribution("b", "p", 5), Contribution("b", "held", 5))),
    )
    found = QUADRATIC.solve(task)
    assert list(found.amounts) == [9]  # sixteen times five is the highest M: 2 · 80 · 5 / 85
    assert any("1 donations are to projects" in text for text in found.warnings)


def test_a_round_without_donations_is_refused():
    with pytest.raises(InputError, match="add contributions"):
        divide([], projects=(Project("p", "P"),))


def test_a_bound_of_zero_is_refused():
    with pytest.raises(InputError, match="bound of zero"):
        divide(CROWD, bound=0)


def test_lonely_gifts_match_nothing():
    for variant in ("pairwise", "plain", "cluster"):
        amounts, found = divide([("a", "p", 5), ("b", "q", 5)], variant=variant)
        assert amounts == {"p": 0, "q": 0}
        assert any("nothing is matched" in text for text in found.warnings)
    assert find_bound(Gifts.of([0, 1], [0, 0], [5, 5], donors=2, grants=1), Scale.of(5), 0).bound is None


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (([0], [0], [0]), "above zero"),
        (([1], [0], [5]), "not there"),
        (([0], [-1], [5]), "not there"),
        (([0, 0], [0], [5]), "2 donors"),
    ],
)
def test_bad_columns_are_refused(columns, words):
    with pytest.raises(ValueError, match=words):
        Gifts.of(*columns, donors=1, grants=1)


def test_bad_trust_is_refused():
    with pytest.raises(ValueError, match="trust"):
        Gifts.of([0], [0], [5], donors=1, grants=1, trust=[1_000_001])


def cluster(gifts, groups, digits=2):
    """Cluster match by the formula, in floating point."""
    gave = {}
    for donor, _, amount in gifts:
        gave[donor] = gave.get(donor, 0) + amount / 10**digits
    of = {donor: groups.get(donor) or (f"alone {donor}",) for donor in gave}
    members = {}
    for donor in gave:
        for group in of[donor]:
            members.setdefault(group, []).append(donor)

    def strength(g, h):
        return sum(
            (min(gave[i], gave[i] ** 0.5) if any(set(of[i]) & set(of[j]) for j in members[h]) else gave[i]) / len(of[i])
            for i in members[g]
        )

    return sum(2 * (strength(g, h) * strength(h, g)) ** 0.5 for g, h in combinations(sorted(members), 2))


def test_cluster_match_follows_its_formula():
    rng = np.random.default_rng(3)
    names = ["x", "y", "z", "w"]
    for _ in range(20):
        gifts = [(f"d{i}", "p", int(rng.integers(1, 5000))) for i in range(8)]
        groups = {f"d{i}": tuple(name for name in names if rng.random() < 0.3) for i in range(8)}
        donors = [Donor(donor, groups=own) for donor, own in groups.items()]
        amounts, _ = divide(gifts, pot=10**9, donors=donors, variant="cluster")
        assert amounts["p"] == pytest.approx(100 * cluster(gifts, groups), abs=1.01)


def test_a_group_that_gives_alone_is_not_matched():
    donors = [Donor(f"d{i}", groups=("club",)) for i in range(10)]
    amounts, found = divide(CROWD, pot=10**6, donors=donors, variant="cluster")
    assert amounts == {"crowd": 0}
    alone, _ = divide(CROWD, pot=10**6, variant="cluster")
    plain, _ = divide(CROWD, pot=10**6, variant="plain")
    assert alone == plain == {"crowd": 900_00}
    assert found.certificate["donors without a group"] == "0"
