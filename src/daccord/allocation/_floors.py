"""The differential rule with floors per domain cell, solved through its dual with 80 decimal digits.

maximise   Σ w_i k ln(1 + x_i/k)
subject to 0 ≤ x_i ≤ a_i,  Σ x_i ≤ B,  Σ_{i in team} x_i ≤ cap,  Σ_i m_ic x_i ≥ f_c  for each cell c

With a multiplier η_c ≥ 0 for each floor, project i has the bonus `b_i = Σ_c η_c m_ic` and takes
`clamp(k (w_i / (p - b_i) - 1), 0, a_i)` at the price p of a unit: the pot's, or its team's if that is higher. For
given η all prices follow one after the other, each from its own monotone equation: the break points are sorted, the
right piece is found by bisection, and on the piece, where the equation is convex, Newton's method climbs to the root.
The dual in η is convex and continuously differentiable, and its gradient is the surplus over the floors; a Newton
method with active bounds `0 ≤ η_c ≤ 10^9` (in units of the largest weight) and a line search on the directional
derivative minimises it. The upper bound makes floors that cannot be met a penalty instead of a failure: each unit
missing counts as worth a thousand million times the best unit.

Only +, -, * and / of `decimal` in a context of our own are used, which are correctly rounded: every machine gets the
same digits. The result is accepted when every floor's optimality condition holds to 10^-9 of a minor unit.

Source: D. Bertsekas, "Projected Newton methods for optimization problems with simple constraints" (1982).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_EVEN, Context, Decimal, localcontext
from fractions import Fraction
from typing import Final

from daccord.allocation._rules import TeamCap
from daccord.errors import ConvergenceError

__all__ = ["EIGHTY", "FLOOR_TOLERANCE", "FloorSolution", "solve_floors"]

FLOOR_TOLERANCE: Final = Decimal("1e-9")
"""Largest violation of a floor's optimality condition, minor units."""

EIGHTY: Final = Context(prec=80, rounding=ROUND_HALF_EVEN, Emin=MIN_EMIN, Emax=MAX_EMAX, capitals=1, clamp=0)
"""The context of all decimals here; never the caller's."""
_LARGEST: Final = Decimal(10) ** 9
_TINY: Final = Decimal("1e-70")
_ITERATIONS: Final = 500
_ZERO: Final = Decimal(0)


@dataclass(frozen=True)
class FloorSolution:
    """A solution in exact-enough decimals.

    Attributes:
        amounts: Minor units with fractions, shape (n,).
        multipliers: η of each floor, in units of the largest weight, shape (n_floors,).
        price: Marginal value of a unit of the pot in the same unit; None if the pot is not the limit.
        team_prices: Likewise of the project's team where its cap binds, and then above `price`; None elsewhere.
        capped: True where the project's team cap binds, shape (n,).
        residual: Largest violation of a floor's optimality condition, minor units.
        iterations: Newton steps.
    """

    amounts: tuple[Decimal, ...]
    multipliers: tuple[Decimal, ...]
    price: Decimal | None
    team_prices: tuple[Decimal | None, ...]
    capped: tuple[bool, ...]
    residual: Decimal
    iterations: int


@dataclass
class _State:
    amounts: list[Decimal]
    price: Decimal | None
    team_price: list[Decimal | None]
    surplus: list[Decimal]


@dataclass(frozen=True)
class _Problem:
    weights: list[Decimal]
    bounds: list[Decimal]
    k: Decimal
    total: Decimal
    caps: Sequence[TeamCap]
    memberships: list[list[Decimal]]
    floors: list[Decimal]

    def take(self, i: int, bound: Decimal, net: Decimal) -> Decimal:
        """What project i takes when a unit costs it `net`, the price less its bonus."""
        if net <= 0:
            return bound
        return min(max(self.k * (self.weights[i] / net - 1), _ZERO), bound)

    def price(self, who: Sequence[int], bounds: list[Decimal], bonus: list[Decimal], target: Decimal) -> Decimal | None:
        """The price at which `who` together take `target`; None if they cannot take that much."""
        if sum((bounds[i] for i in who), _ZERO) <= target:
            return None
        enter = {i: self.weights[i] + bonus[i] for i in who}
        full = {i: self.weights[i] * self.k / (self.k + bounds[i]) + bonus[i] for i in who}
        points = sorted({*enter.values(), *full.values()})
        low, high = 0, len(points) - 1  # demand at points[low] is at least the target, at points[high] below it
        while high - low > 1:
            middle = (low + high) // 2
            demand = sum((self.take(i, bounds[i], points[middle] - bonus[i]) for i in who), _ZERO)
            low, high = (middle, high) if demand >= target else (low, middle)
        price = points[low]
        active = [i for i in who if full[i] <= price < enter[i]]
        rest = target - sum((bounds[i] for i in who if full[i] > price), _ZERO) + self.k * len(active)
        for _ in range(_ITERATIONS):
            shares = [self.k * self.weights[i] / (price - bonus[i]) for i in active]
            excess = sum(shares, _ZERO) - rest
            slope = sum((share / (price - bonus[i]) for share, i in zip(shares, active, strict=True)), _ZERO)
            if excess <= 0 or slope == 0:
                break
            step = excess / slope
            price += step
            if step <= _TINY * price:
                break
        return price

    def state(self, eta: list[Decimal]) -> _State:
        """All prices and amounts at given multipliers of the floors."""
        everybody = range(len(self.weights))
        bonus = [sum((e * m for e, m in zip(eta, row, strict=True)), _ZERO) for row in self.memberships]
        bounds = list(self.bounds)
        team_price: list[Decimal | None] = [None] * len(bounds)
        for cap in self.caps:
            price = self.price(cap.members, self.bounds, bonus, Decimal(cap.amount))
            if price is not None:
                for i in cap.members:
                    bounds[i] = self.take(i, self.bounds[i], price - bonus[i])
                    team_price[i] = price
        price = self.price(everybody, bounds, bonus, self.total)
        amounts = bounds if price is None else [self.take(i, bounds[i], price - bonus[i]) for i in everybody]
        for i in everybody:
            own = team_price[i]
            if own is not None and price is not None and own <= price:
                team_price[i] = None
        surplus = [
            sum((row[c] * x for row, x in zip(self.memberships, amounts, strict=True)), _ZERO) - floor
            for c, floor in enumerate(self.floors)
        ]
        return _State(amounts, price, team_price, surplus)

    def response(self, eta: list[Decimal], state: _State) -> list[list[Decimal]]:
        """Derivative of the surplus by the multipliers: symmetric, positive semidefinite, shape (floors, floors)."""
        size = len(self.floors)
        matrix = [[_ZERO] * size for _ in range(size)]
        groups: dict[Decimal, list[int]] = {}
        for i, x in enumerate(state.amounts):
            own = state.team_price[i]
            price = state.price if own is None else own
            if price is not None and 0 < x < self.bounds[i]:
                groups.setdefault(price, []).append(i)
        for price, members in groups.items():
            whole, first = _ZERO, [_ZERO] * size
            for i in members:
                row = self.memberships[i]
                net = price - sum((e * m for e, m in zip(eta, row, strict=True)), _ZERO)
                speed = self.k * self.weights[i] / (net * net)
                whole += speed
                for c in range(size):
                    first[c] += speed * row[c]
                    for d in range(size):
                        matrix[c][d] += speed * row[c] * row[d]
            for c in range(size):
                for d in range(size):
                    matrix[c][d] -= first[c] * first[d] / whole
        return matrix


def _solve(matrix: list[list[Decimal]], right: list[Decimal]) -> list[Decimal]:
    """Solve a symmetric positive definite system by elimination with pivoting."""
    size = len(right)
    rows = [[*matrix[i], right[i]] for i in range(size)]
    for c in range(size):
        pivot = max(range(c, size), key=lambda r: abs(rows[r][c]))
        rows[c], rows[pivot] = rows[pivot], rows[c]
        for r in range(c + 1, size):
            ratio = rows[r][c] / rows[c][c]
            rows[r] = [a - ratio * b for a, b in zip(rows[r], rows[c], strict=True)]
    out = [_ZERO] * size
    for c in reversed(range(size)):
        known = sum((rows[c][d] * out[d] for d in range(c + 1, size)), _ZERO)
        out[c] = (rows[c][size] - known) / rows[c][c]
    return out


def _is_free(eta: Decimal, surplus: Decimal) -> bool:
    return not ((eta <= 0 and surplus >= 0) or (eta >= _LARGEST and surplus <= 0))


def _direction(problem: _Problem, eta: list[Decimal], state: _State) -> list[Decimal]:
    """Newton's direction among the multipliers that may move; zero where a bound would be left at once."""
    size = len(eta)
    matrix = problem.response(eta, state)
    free = [c for c in range(size) if _is_free(eta[c], state.surplus[c])]
    ridge = max(max(matrix[c][c] for c in range(size)) * Decimal("1e-30"), Decimal("1e-40") * problem.total)
    while True:
        reduced = [[matrix[c][d] + (ridge if c == d else 0) for d in free] for c in free]
        moves = _solve(reduced, [-state.surplus[c] for c in free])
        stay = [
            c
            for c, move in zip(free, moves, strict=True)
            if (eta[c] <= 0 and move < 0) or (eta[c] >= _LARGEST and move > 0)
        ]
        if not stay:
            out = [_ZERO] * size
            for c, move in zip(free, moves, strict=True):
                out[c] = move
            return out
        free = [c for c in free if c not in stay]


def _search(
    problem: _Problem, eta: list[Decimal], state: _State, direction: list[Decimal]
) -> tuple[list[Decimal], _State]:
    """Go along a direction until its derivative is at most half of what it was, or a bound is met."""
    ends = [_LARGEST if d > 0 else _ZERO for d in direction]
    room = [(end - e) / d if d != 0 else _LARGEST for e, d, end in zip(eta, direction, ends, strict=True)]
    longest = min(room)

    def at(step: Decimal) -> tuple[list[Decimal], _State, Decimal]:
        moved = [
            end if d != 0 and step >= r else min(max(e + step * d, _ZERO), _LARGEST)
            for e, d, end, r in zip(eta, direction, ends, room, strict=True)
        ]
        reached = problem.state(moved)
        return moved, reached, sum((d * s for d, s in zip(direction, reached.surplus, strict=True)), _ZERO)

    start = -sum((d * s for d, s in zip(direction, state.surplus, strict=True)), _ZERO)
    low, high, step = _ZERO, longest, min(Decimal(1), longest)
    for _ in range(200):
        moved, reached, derivative = at(step)
        if abs(derivative) * 2 <= start or (derivative < 0 and step == longest):
            break
        if derivative < 0:
            low = step
            step = min(2 * step, longest) if high == longest else (low + high) / 2
        else:
            high = step
            step = (low + high) / 2
    return moved, reached


def _violation(eta: list[Decimal], surplus: list[Decimal]) -> Decimal:
    return max((abs(s) for e, s in zip(eta, surplus, strict=True) if _is_free(e, s)), default=_ZERO)


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def solve_floors(
    weights: Sequence[int],
    bounds: Sequence[int],
    total: int,
    k: Fraction,
    *,
    caps: Sequence[TeamCap],
    memberships: Sequence[Sequence[Fraction]],
    floors: Sequence[Fraction],
) -> FloorSolution:
    """Solve the rule with floors.

    Args:
        weights: Positive integers, shape (n,).
        bounds: Asks, minor units, shape (n,); 0 takes a project out.
        total: The pot, minor units.
        k: Saturation, minor units, positive.
        caps: Caps on disjoint teams.
        memberships: Share of each project in each cell with a floor, in [0, 1], shape (n, n_floors).
        floors: Least amount for each of these cells, minor units, shape (n_floors,).

    Raises:
        ConvergenceError: The optimality conditions did not come within the tolerance.
    """
    with localcontext(EIGHTY):
        largest = Decimal(max(weights))
        problem = _Problem(
            [Decimal(weight) / largest for weight in weights],
            [Decimal(bound) for bound in bounds],
            _decimal(k),
            Decimal(total),
            caps,
            [[_decimal(share) for share in row] for row in memberships],
            [_decimal(floor) for floor in floors],
        )
        eta = [_ZERO] * len(floors)
        state = problem.state(eta)
        iterations = 0
        while (residual := _violation(eta, state.surplus)) > FLOOR_TOLERANCE:
            if iterations == _ITERATIONS:
                raise ConvergenceError("the floors per domain cell", iterations, float(residual))
            eta, state = _search(problem, eta, state, _direction(problem, eta, state))
            iterations += 1
        capped = tuple(price is not None for price in state.team_price)
        return FloorSolution(
            tuple(state.amounts), tuple(eta), state.price, tuple(state.team_price), capped, residual, iterations
        )
