"""Handing out money unit by unit, exactly, without counting the units one by one.

Unit number x + 1 of project i (x = 0, 1, …) costs c_i of a budget and is worth

    w_i / (k + x + 1/2),

the derivative of `w_i k ln(1 + x/k)` in the middle of the unit, up to the constant k. All units of all projects stand
in one line, ordered by worth per cost, largest first; between equals the project with the smaller tie key goes first.
Of this line, cut at every project's bound, the longest beginning that fits the budget is taken (`fill`). That is the
integer optimum of the separable concave problem, a divisor method of apportionment with offset k. Three facts follow:

* *no exchange helps*: moving a unit between projects never gains;
* *own-weight monotone*: raising w_i moves the units of i forward in the line and moves nothing else, so that i never
  gets less, and nobody else more;
* *own-cost monotone*: raising c_i moves its units back. If a unit u of i were newly taken, all that stood before u
  would be taken as well, at a total above what did not fit before: a contradiction. So i never gets more.

Caps on disjoint teams (`fill_capped`) keep this: a team's line alone, cut at its cap, bounds its members; the common
line is cut at those bounds. Team caps and the pot form a laminar family, on which the greedy choice is optimal.

The cut is found by a sweep over the break points of the continuous solution and then moved unit by unit with a heap,
comparing exact rationals: O(n log n) for n projects whatever the size of the pot.

Sources: Federgruen and Groenevelt, "The greedy procedure for resource allocation problems" (1986); Balinski and Young,
"Fair Representation" (1982) on divisor methods.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from daccord.allocation._rules import TeamCap

__all__ = ["Line", "fill", "fill_capped", "fill_viable"]


@dataclass(frozen=True)
class Line:
    """The line of units of a set of projects; all sequences of shape (n,).

    Attributes:
        weights: Integers, at least 1.
        ties: Distinct integers; smaller goes first between equals.
        k: Offset, minor units, at least 0.
        costs: What one unit of each project costs of the budget, non-negative integers; None means 1 each.
    """

    weights: Sequence[int]
    ties: Sequence[int]
    k: Fraction
    costs: Sequence[int] | None = None

    def cost(self, i: int) -> int:
        """What one unit of project i costs."""
        return 1 if self.costs is None else self.costs[i]

    def place(self, i: int, x: int) -> Fraction:
        """Where unit x + 1 of project i stands: cost per worth, smaller is earlier."""
        return (self.k + x + Fraction(1, 2)) * self.cost(i) / self.weights[i]

    @cached_property
    def _shift(self) -> int:
        """Bits after which floors of two different keys differ: keys differ by at least 1 / (w_i w_j)."""
        return 2 * max(self.weights).bit_length()

    def key(self, i: int, x: int) -> int:
        """`place`, times a common constant, as an integer that orders exactly like it."""
        steps = 2 * self.k.numerator + (2 * x + 1) * self.k.denominator
        return ((steps * self.cost(i)) << self._shift) // self.weights[i]

    def keys(self, which: Sequence[int], amounts: Sequence[int]) -> list[int]:
        """`key` of many projects at once, of each at its own amount."""
        weights, costs, shift = self.weights, self.costs, self._shift
        first, step = 2 * self.k.numerator + self.k.denominator, 2 * self.k.denominator
        if costs is None:
            return [((first + step * amounts[i]) << shift) // weights[i] for i in which]
        return [(((first + step * amounts[i]) * costs[i]) << shift) // weights[i] for i in which]


def _start(line: Line, who: Sequence[int], bounds: Sequence[int], budget: int) -> list[int]:
    """Amounts where the continuous solution cuts the line, each rounded to the nearest unit.

    With t the place of the cut and a_i the bound, project i takes `clamp(w_i t - k c_i, 0, c_i a_i)` of the budget,
    which is piecewise linear in t.
    """
    numerator, denominator = line.k.numerator, line.k.denominator
    bits = max(line.weights).bit_length() + 8  # amounts come out within a unit; the heap does the rest
    events: list[
        tuple[int, int, int]
    ] = []  # place of the break, change of slope, change of constant (times denominator)
    weights = line.weights
    costs = line.costs if line.costs is not None else [1] * len(weights)
    for i in who:
        weight, cost = weights[i], costs[i]
        first, last = numerator * cost, (numerator + bounds[i] * denominator) * cost
        scale = weight * denominator
        events.append(((first << bits) // scale, weight, -first))
        events.append(((last << bits) // scale, -weight, last))
    events.sort()
    slope = constant = 0
    at = 0
    for place, more, extra in events:
        reached = slope * denominator * place + (constant << bits)
        if reached >= (budget * denominator) << bits and slope > 0:
            break
        slope += more
        constant += extra
        at = place
    else:
        return list(bounds)
    at = max(at, ((budget * denominator - constant) << bits) // (slope * denominator))
    half = 2 * numerator - denominator
    amounts = list(bounds)
    twice = 2 * denominator
    for i in who:
        cost = costs[i]
        amount = (twice * weights[i] * at - ((half * cost) << bits)) // (twice * cost) >> bits
        amounts[i] = min(max(amount, 0), bounds[i])
    return amounts


def fill(line: Line, bounds: Sequence[int], budget: int) -> list[int]:
    """Units that the longest affordable beginning of the line gives each project.

    Args:
        line: Weights, ties, offset and costs.
        bounds: Most units of each project, non-negative, shape (n,).
        budget: What may be spent, non-negative.

    Returns:
        Units of each project, shape (n,); projects whose units cost nothing get their bound.
    """
    if sum(line.cost(i) * bound for i, bound in enumerate(bounds)) <= budget:
        return list(bounds)
    who = [i for i, bound in enumerate(bounds) if bound > 0 and line.cost(i) > 0]
    amounts = _start(line, who, bounds, budget)
    spent = sum(line.cost(i) * amounts[i] for i in who)
    if spent > budget:
        some = [i for i in who if amounts[i] > 0]
        keys = line.keys(some, [amount - 1 for amount in amounts])
        last = [(-key, -line.ties[i], i) for key, i in zip(keys, some, strict=True)]
        heapq.heapify(last)
        while spent > budget:
            i = last[0][2]
            amounts[i] -= 1
            spent -= line.cost(i)
            if amounts[i] > 0:
                heapq.heapreplace(last, (-line.key(i, amounts[i] - 1), -line.ties[i], i))
            else:
                heapq.heappop(last)
        return amounts
    some = [i for i in who if amounts[i] < bounds[i]]
    following = [(key, line.ties[i], i) for key, i in zip(line.keys(some, amounts), some, strict=True)]
    heapq.heapify(following)
    while following and spent + line.cost(following[0][2]) <= budget:
        i = following[0][2]
        amounts[i] += 1
        spent += line.cost(i)
        if amounts[i] < bounds[i]:
            heapq.heapreplace(following, (line.key(i, amounts[i]), line.ties[i], i))
        else:
            heapq.heappop(following)
    return amounts


def _part(line: Line, members: Sequence[int]) -> Line:
    return Line([line.weights[i] for i in members], [line.ties[i] for i in members], line.k)


def fill_capped(line: Line, bounds: Sequence[int], budget: int, caps: Sequence[TeamCap]) -> tuple[list[int], list[int]]:
    """`fill` with unit costs under caps on disjoint teams.

    Returns:
        Units of each project, and the bounds that the team caps leave them; each shape (n,).
    """
    capped = list(bounds)
    for cap in caps:
        own = [bounds[i] for i in cap.members]
        if sum(own) > cap.amount:
            for i, amount in zip(cap.members, fill(_part(line, cap.members), own, cap.amount), strict=True):
                capped[i] = amount
    return fill(line, capped, budget), capped


def _longest(order: Sequence[int], good: Callable[[Sequence[int]], bool]) -> Sequence[int]:
    """The longest beginning that is good, if beginnings of a good beginning are good."""
    low, high = 0, len(order)
    while low < high:
        middle = (low + high + 1) // 2
        if good(order[:middle]):
            low = middle
        else:
            high = middle - 1
    return order[:low]


def fill_viable(
    line: Line, bounds: Sequence[int], budget: int, caps: Sequence[TeamCap], minimum: int
) -> tuple[list[int], list[int], frozenset[int]]:
    """`fill_capped` in which nobody gets more than nothing and less than a minimum.

    The rule, in this order: who may not get the minimum at all, because its bound is smaller, is dropped. Within each
    team, as if it had its whole cap, the project with the smallest weight (the larger tie key between equals) is
    dropped until everybody left gets the minimum. Then the same is done with all projects and the whole pot. Without
    team caps this is "drop the smallest award below the minimum and divide again, until there is none": bounds are at
    least the minimum, so the smallest award below it belongs to the smallest weight. Dropping somebody gives nobody
    less, so that who gets the minimum in some list gets it in every beginning of the list, and bisection finds the
    longest good beginning.

    Returns:
        Units of each project, the bounds that team caps leave, and the positions that are not dropped.
    """

    def keep(kept: Sequence[int]) -> list[int]:
        chosen = [0] * len(bounds)
        for i in kept:
            chosen[i] = bounds[i]
        return chosen

    def rank(i: int) -> tuple[int, int]:
        return -line.weights[i], line.ties[i]

    able = {i for i, bound in enumerate(bounds) if bound >= minimum}
    for cap in caps:

        def team_good(kept: Sequence[int], cap: TeamCap = cap) -> bool:
            amounts = fill(_part(line, kept), [bounds[i] for i in kept], cap.amount)
            return all(amount >= minimum for amount in amounts)

        team = sorted(able.intersection(cap.members), key=rank)
        able.difference_update(set(team).difference(_longest(team, team_good)))
    order = sorted(able, key=rank)

    def good(kept: Sequence[int]) -> bool:
        amounts, _ = fill_capped(line, keep(kept), budget, caps)
        return all(amounts[i] >= minimum for i in kept)

    kept = _longest(order, good)
    amounts, capped = fill_capped(line, keep(kept), budget, caps)
    return amounts, capped, frozenset(kept)
