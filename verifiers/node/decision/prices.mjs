/** The price at which projects together take a stated amount. */

import { Decimal, larger, smaller } from "./decimal.mjs";

const { zero, one } = Decimal;
const TINY = new Decimal(1n, -70);
const ITERATIONS = 500;

/**
 * @typedef {object} Market
 * @property {Decimal} k Saturation.
 * @property {Decimal[]} weights
 * @property {Decimal[]} bonus What floors add to each project's worth.
 * @property {import("./decimal.mjs").Arithmetic} arithmetic
 */

/**
 * What project i takes when a unit costs it `net`, the price less its bonus.
 *
 * @param {Market} market
 */
export function take({ k, weights, arithmetic }, i, bound, net) {
  if (net.sign <= 0) return bound;
  const wanted = arithmetic.times(k, arithmetic.minus(arithmetic.over(weights[i], net), one));
  return smaller(larger(wanted, zero), bound);
}

/**
 * The price at which `who` together take `target`; null if they cannot take that much.
 *
 * Demand falls with the price, by pieces: the piece is found by bisection, and on it, where demand is convex, Newton's
 * method climbs to the root from below.
 *
 * @param {Market} market
 * @param {number[]} who
 * @param {Decimal[]} bounds Of all projects.
 * @param {Decimal} target
 * @returns {Decimal | null}
 */
export function priceOf(market, who, bounds, target) {
  const { k, weights, bonus, arithmetic: to } = market;
  if (to.sum(who.map((i) => bounds[i])).atMost(target)) return null;
  const enter = new Map(who.map((i) => [i, to.plus(weights[i], bonus[i])]));
  const full = new Map(
    who.map((i) => [i, to.plus(to.over(to.times(weights[i], k), to.plus(k, bounds[i])), bonus[i])]),
  );
  const points = [...enter.values(), ...full.values()].sort((a, b) => a.compare(b));
  const distinct = points.filter((point, place) => place === 0 || !point.equals(points[place - 1]));
  let [low, high] = [0, distinct.length - 1]; // demand at `low` reaches the target, at `high` it does not
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    const demand = to.sum(who.map((i) => take(market, i, bounds[i], to.minus(distinct[middle], bonus[i]))));
    if (target.atMost(demand)) low = middle;
    else high = middle;
  }
  let price = distinct[low];
  const active = who.filter((i) => full.get(i).atMost(price) && price.below(enter.get(i)));
  const done = to.sum(who.filter((i) => price.below(full.get(i))).map((i) => bounds[i]));
  const rest = to.plus(to.minus(target, done), to.times(k, new Decimal(BigInt(active.length))));
  for (let i = 0; i < ITERATIONS; i += 1) {
    const nets = active.map((j) => to.minus(price, bonus[j]));
    const shares = active.map((j, place) => to.over(to.times(k, weights[j]), nets[place]));
    const excess = to.minus(to.sum(shares), rest);
    const slope = to.sum(shares.map((share, place) => to.over(share, nets[place])));
    if (excess.sign <= 0 || slope.sign === 0) break;
    const step = to.over(excess, slope);
    price = to.plus(price, step);
    if (step.atMost(to.times(TINY, price))) break;
  }
  return price;
}
