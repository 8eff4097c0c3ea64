/**
 * The line of units: handing out money unit by unit without walking through the units.
 *
 * Unit number x + 1 of project i costs c_i and is worth w_i / (k + x + 1/2). All units stand in one line by cost per
 * worth, `c_i (k + x + 1/2) / w_i`, the smallest first, and between equals the smaller tie key first. The longest
 * beginning of the line that the budget affords is bought, each project up to its bound.
 *
 * How many units of a project stand at or before a mark is one division, so the mark is found by bisection over whole
 * numbers. They are so fine that between two neighbours each project has at most one unit; the few that are left there
 * are sorted exactly.
 */

import { Rational, bitLength, floorDivide, whole } from "./rational.mjs";

/** Weights, ties and costs of projects, and the offset k that they share. */
export class Line {
  /**
   * @param {bigint[]} weights At least 1.
   * @param {bigint[]} ties Distinct.
   * @param {Rational} k Minor units, not negative.
   * @param {bigint[] | null} costs Of one unit, not negative; null for 1 each.
   */
  constructor(weights, ties, k, costs = null) {
    this.weights = weights;
    this.ties = ties;
    this.k = k;
    this.costs = costs ?? weights.map(() => 1n);
    // In units of 1 / (2 denominator of k), where unit x + 1 stands before division by the weight: first + x step.
    this.first = 2n * k.numerator + k.denominator;
    this.step = 2n * k.denominator;
    this.fineness = BigInt(bitLength(weights.reduce((most, weight) => (weight > most ? weight : most), 1n)));
  }

  /** Cost per worth of unit x + 1 of project i. */
  place(i, x) {
    const middle = this.k.plus(whole(x)).plus(Rational.half);
    return middle.times(new Rational(this.costs[i], this.weights[i]));
  }

  /** `place` on the fine scale of marks, rounded down. */
  mark(i, x) {
    return (((this.first + x * this.step) * this.costs[i]) << this.fineness) / this.weights[i];
  }

  /** How many units of project i have a mark up to this one, at most its bound. */
  upTo(i, mark, bound) {
    // mark(x) ≤ m  ⇔  (first + x step) c 2^s < (m + 1) w  ⇔  first + x step ≤ ⌈(m + 1) w / (c 2^s)⌉ − 1
    const most = -floorDivide(-(mark + 1n) * this.weights[i], this.costs[i] << this.fineness) - 1n;
    const units = floorDivide(most - this.first, this.step) + 1n;
    return units < 0n ? 0n : units > bound ? bound : units;
  }

  /** Negative if unit x + 1 of i stands before unit y + 1 of j. */
  compare(i, x, j, y) {
    const places = this.place(i, x).compare(this.place(j, y));
    return places || (this.ties[i] < this.ties[j] ? -1 : this.ties[i] > this.ties[j] ? 1 : 0);
  }

  /** The line of some of the projects alone, with unit costs. */
  part(members) {
    const pick = (list) => members.map((i) => list[i]);
    return new Line(pick(this.weights), pick(this.ties), this.k);
  }
}

/**
 * Units that the longest affordable beginning of the line gives each project.
 *
 * @param {Line} line
 * @param {bigint[]} bounds Most units of each project.
 * @param {bigint} budget What may be spent.
 * @returns {bigint[]} Projects whose units cost nothing get their bound.
 */
export function fill(line, bounds, budget) {
  const cost = (amounts) => amounts.reduce((sum, amount, i) => sum + line.costs[i] * amount, 0n);
  if (cost(bounds) <= budget) return [...bounds];
  const costly = bounds.map((bound, i) => i).filter((i) => bounds[i] > 0n && line.costs[i] > 0n);
  const at = (mark) => {
    const amounts = [...bounds];
    for (const i of costly) amounts[i] = line.upTo(i, mark, bounds[i]);
    return amounts;
  };
  let low = -1n; // affordable: no unit has a mark below 0
  let high = costly.map((i) => line.mark(i, bounds[i] - 1n)).reduce((most, mark) => (mark > most ? mark : most), 0n);
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (cost(at(middle)) <= budget) low = middle;
    else high = middle;
  }
  const amounts = at(low);
  let left = budget - cost(amounts);
  const next = at(high);
  const between = costly.filter((i) => next[i] > amounts[i]);
  between.sort((i, j) => line.compare(i, amounts[i], j, amounts[j]));
  for (const i of between) {
    if (line.costs[i] > left) break;
    left -= line.costs[i];
    amounts[i] += 1n;
  }
  return amounts;
}

/**
 * `fill` with unit costs under caps on teams: a team's own line, cut at its cap, bounds its members in the common one.
 *
 * @param {import("./task.mjs").TeamCap[]} caps
 * @returns {{amounts: bigint[], bounds: bigint[]}} Bounds are those that the caps leave.
 */
export function fillCapped(line, bounds, budget, caps) {
  const capped = [...bounds];
  for (const { amount, members } of caps) {
    const own = fill(line.part(members), members.map((i) => bounds[i]), amount);
    members.forEach((i, place) => {
      capped[i] = own[place];
    });
  }
  return { amounts: fill(line, capped, budget), bounds: capped };
}

/** The longest beginning that is good, where beginnings of a good one are good. */
function longest(order, isGood) {
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (isGood(order.slice(0, middle))) low = middle;
    else high = middle - 1;
  }
  return order.slice(0, low);
}

/**
 * `fillCapped` in which nobody gets more than nothing and less than a minimum.
 *
 * Dropped are: who may not get the minimum by its bound; then, in each team as if it had its whole cap, the smallest
 * weight until all left get the minimum; then the same among all.
 *
 * @returns {{amounts: bigint[], bounds: bigint[], kept: Set<number>}}
 */
export function fillViable(line, bounds, budget, caps, minimum) {
  const byWeight = (i, j) =>
    line.weights[i] !== line.weights[j]
      ? line.weights[i] > line.weights[j] ? -1 : 1
      : line.ties[i] < line.ties[j] ? -1 : 1;
  const only = (kept) => {
    const chosen = bounds.map(() => 0n);
    for (const i of kept) chosen[i] = bounds[i];
    return chosen;
  };
  const able = new Set(bounds.map((_, i) => i).filter((i) => bounds[i] >= minimum));
  for (const { amount, members } of caps) {
    const team = members.filter((i) => able.has(i)).sort(byWeight);
    const kept = longest(team, (some) =>
      fill(line.part(some), some.map((i) => bounds[i]), amount).every((units) => units >= minimum),
    );
    for (const i of team.slice(kept.length)) able.delete(i);
  }
  const kept = longest([...able].sort(byWeight), (some) => {
    const { amounts } = fillCapped(line, only(some), budget, caps);
    return some.every((i) => amounts[i] >= minimum);
  });
  return { ...fillCapped(line, only(kept), budget, caps), kept: new Set(kept) };
}
