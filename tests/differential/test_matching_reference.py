"""The fast match against the slow one, and both against the formula in decimals of 60 digits."""

from __future__ import annotations

from decimal import Context, Decimal, localcontext
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest

from daccord.allocation.matching import (
    Gifts,
    Scale,
    error_bound,
    fast_pair_sums,
    find_bound,
    pair_sums,
    plain_sums,
    scale_for,
    survey,
)
from daccord.allocation.matching._pairs import bounded_products, floor_ratio
from daccord.allocation.matching._reference import shared_roots
from daccord.fusion import MICRO


def crowd(seed, *, donors=30, grants=6, rows=140, spread=2.0, trusted=True):
    """Simulated gifts with long tails."""
    rng = np.random.default_rng(seed)
    return Gifts.of(
        rng.integers(donors, size=rows),
        rng.integers(grants, size=rows),
        1 + np.exp(rng.normal(7, spread, rows)).astype(np.int64),
        donors=donors,
        grants=grants,
        trust=None if trusted else rng.integers(0, MICRO + 1, donors),
    )


def exact(gifts, bound):
    """The pairwise match of each grant in minor units, in decimals; M is a fraction of minor units."""
    with localcontext(Context(prec=60)):
        m = Decimal(bound.numerator) / Decimal(bound.denominator)
        given = [{} for _ in range(gifts.donors)]
        for i, p, amount in zip(gifts.donor.tolist(), gifts.grant.tolist(), gifts.amount, strict=True):
            given[i][p] = Decimal(amount).sqrt()
        out = [Decimal(0)] * gifts.grants
        for i, j in combinations(range(gifts.donors), 2):
            both = given[i].keys() & given[j].keys()
            own = m * Decimal(int(gifts.trust[i])) * Decimal(int(gifts.trust[j])) / Decimal(MICRO) ** 2
            shared = sum((given[i][p] * given[j][p] for p in both), Decimal(0))
            for p in both:
                out[p] += 2 * own / (own + shared) * given[i][p] * given[j][p] if own else Decimal(0)
        return [Fraction(value) for value in out]


@pytest.mark.parametrize("trusted", [True, False])
@pytest.mark.parametrize("seed", range(6))
def test_blocks_give_the_integers_of_the_slow_sums(seed, trusted):
    gifts = crowd(seed, spread=1 + seed, trusted=trusted)
    scale = Scale.of(gifts.largest)
    highest = scale.units(Fraction(16 * gifts.largest))
    bounds = [0, 1, 12_345, 2**31 + 1, 2**49 + 3, highest]
    slow = pair_sums(gifts, scale, bounds)
    for cells in (1, 70, 10**6):
        assert fast_pair_sums(gifts, scale, bounds, cells) == slow


def test_pieces_of_a_grant_with_many_donors():
    gifts = crowd(1, donors=900, grants=2, rows=2500)
    scale = Scale.of(gifts.largest)
    assert fast_pair_sums(gifts, scale, [2**45]) == pair_sums(gifts, scale, [2**45])


@pytest.mark.parametrize("top", [2**10, 2**40, 2**50, 2**61])
def test_quotients_are_exact_where_the_products_overflow(top):
    rng = np.random.default_rng(5)
    own = np.concatenate([rng.integers(0, top, 3000), [0, 0, top - 1, top - 1, top - 1, 1]])
    shared = np.concatenate([rng.integers(0, 2**57, 3000) >> rng.integers(0, 57, 3000), [0, 9, 0, 2**57 - 1, 1, 2**56]])
    products = np.concatenate([rng.integers(0, shared[:3000] + 1), [0, 9, 0, 2**57 - 1, 1, 2**56]])
    expected = [
        m * p // max(1, m + w) for m, p, w in zip(own.tolist(), products.tolist(), shared.tolist(), strict=True)
    ]
    assert bounded_products(own, products, shared, top - 1).tolist() == expected
    for m in (0, 1, top // 3, top - 1):
        expected = [m * p // max(1, m + w) for p, w in zip(products.tolist(), shared.tolist(), strict=True)]
        assert bounded_products(np.int64(m), products, shared, m).tolist() == expected


def test_trust_times_the_bound_is_exact():
    rng = np.random.default_rng(6)
    trust = rng.integers(0, MICRO + 1, 2000)
    both = trust[:1000] * trust[1000:]
    for bound in (1, 12_345, 2**61 - 1):
        assert floor_ratio(np.int64(bound), both, np.int64(MICRO**2)).tolist() == [
            bound * value // MICRO**2 for value in both.tolist()
        ]


@pytest.mark.parametrize("trusted", [True, False])
@pytest.mark.parametrize("guard", [0, 64])
def test_rounding_stays_within_the_published_error(guard, trusted):
    gifts = crowd(11, donors=20, rows=90, spread=3.0, trusted=trusted)
    scale = Scale.of(gifts.largest, guard)
    for bound in (Fraction(1, 100), Fraction(500), Fraction(10**6)):
        (sums,) = pair_sums(gifts, scale, [scale.units(bound)])
        off = [true - value * scale.unit for true, value in zip(exact(gifts, bound), sums, strict=True)]
        assert min(off) >= -Fraction(1, 10**40)
        assert sum(off) <= error_bound(gifts, scale)
    assert error_bound(gifts, scale) < (Fraction(1, 10**5) if guard == 0 else Fraction(1, 10**22))


def test_amounts_of_eighteen_decimals_are_as_exact_as_cents():
    small = crowd(4)
    wei = Gifts.of(small.donor, small.grant, [amount * 10**18 + 7 for amount in small.amount], donors=30, grants=6)
    scale = scale_for(wei)
    assert error_bound(wei, scale) <= Fraction(1, 100) or scale.shift > 62
    found = find_bound(wei, scale, 10**24)
    true = exact(wei, found.bound.minor)
    assert all(abs(t - s * scale.unit) <= error_bound(wei, scale) for t, s in zip(true, found.sums, strict=True))
    assert error_bound(wei, scale) < Fraction(1, 100)


@pytest.mark.parametrize("trusted", [True, False])
@pytest.mark.parametrize("pool", [1, 5_000, 10**6])
def test_the_bound_is_the_smallest_of_six_digits(pool, trusted):
    gifts = crowd(7, trusted=trusted)
    scale = scale_for(gifts)
    found = find_bound(gifts, scale, pool)
    assert found.reached
    minor = found.bound.minor
    step = Fraction(10) ** (len(str(int(minor))) - 6) if minor >= 1 else None
    assert sum(found.sums) * scale.unit >= pool
    if step is not None:
        assert (minor / step).denominator == 1
        (below,) = pair_sums(gifts, scale, [scale.units(minor - step)])
        assert sum(below) * scale.unit < pool


def test_the_search_finds_the_same_bound_from_a_bad_guess():
    gifts = crowd(8)
    scale = scale_for(gifts)
    best = find_bound(gifts, scale, 77_777)
    others = [find_bound(gifts, scale, 77_777, survey(crowd(seed, rows=20))) for seed in (1, 2)]
    assert [other.bound for other in others] == [best.bound] * 2


def test_the_pairs_that_share_most():
    gifts = crowd(9, donors=300, rows=900)
    scale = Scale.of(gifts.largest)
    shared = sorted(shared_roots(gifts, scale).values(), reverse=True)
    assert list(survey(gifts, top=7).top) == shared[:7]


def test_without_a_bound_the_pairwise_match_is_the_plain_one():
    gifts = crowd(10)
    plain, unit = plain_sums(gifts)
    scale = Scale.of(gifts.largest, 64)
    (sums,) = pair_sums(gifts, scale, [scale.units(Fraction(10**40))])
    for a, b in zip(plain, sums, strict=True):
        assert float(b * scale.unit) == pytest.approx(float(a * unit), rel=1e-12)
