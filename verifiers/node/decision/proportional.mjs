/**
 * The money rule `proportional`: the pot by share of the round's benefit, within asks, limits by evidence and team
 * caps, rounded by largest remainder. See docs/methods/proportional.md.
 */

import { decimalText } from "./decimal.mjs";
import { Rational, least, whole } from "./rational.mjs";

/**
 * The t at which `Σ share_i min(top_i, t)` is `total`; null if the sum never exceeds it.
 *
 * @param {{share: bigint, top: Rational}[]} claims
 * @param {bigint} total
 */
function level(claims, total) {
  let rest = whole(total);
  let slope = claims.reduce((sum, { share }) => sum + share, 0n);
  for (const { share, top } of [...claims].sort((a, b) => a.top.compare(b.top))) {
    if (top.times(whole(slope)).compare(rest) > 0) return rest.over(whole(slope));
    rest = rest.minus(top.times(whole(share)));
    slope -= share;
  }
  return null;
}

/** Exact quotas, whether a team's cap binds each, and minor units per billionth of a share (null without limit). */
function quotasOf(task, shares) {
  const able = [...shares.keys()].filter((i) => shares[i] > 0n);
  const tops = new Map(able.map((i) => [i, new Rational(task.bounds[i], shares[i])]));
  const inTeam = new Map();
  for (const { amount, members } of task.teamCaps) {
    const own = members.filter((i) => tops.has(i));
    const most = level(own.map((i) => ({ share: shares[i], top: tops.get(i) })), amount);
    if (most === null) continue;
    for (const i of own.filter((one) => most.compare(tops.get(one)) < 0)) inTeam.set(i, most);
  }
  for (const [i, top] of inTeam) tops.set(i, top);
  const price = level(able.map((i) => ({ share: shares[i], top: tops.get(i) })), task.pot);
  const quotas = shares.map((share, i) => {
    if (!tops.has(i)) return Rational.zero;
    return whole(share).times(price === null ? tops.get(i) : least(tops.get(i), price));
  });
  const capped = shares.map((_, i) => inTeam.has(i) && (price === null || inTeam.get(i).compare(price) <= 0));
  return { quotas, capped, price };
}

/** Rounded down, and the units left over to the largest remainders whose team has room. */
function roundedQuotas(task, quotas) {
  const amounts = quotas.map((quota) => quota.floor());
  const remainders = quotas.map((quota, i) => quota.minus(whole(amounts[i])));
  let left = quotas.reduce((sum, quota) => sum.plus(quota), Rational.zero).floor();
  for (const amount of amounts) left -= amount;
  const room = new Map();
  for (const { team, amount, members } of task.teamCaps) {
    room.set(team, members.reduce((rest, i) => rest - amounts[i], amount));
  }
  const order = [...quotas.keys()].filter((i) => !remainders[i].isZero());
  order.sort((i, j) => remainders[j].compare(remainders[i]) || (task.ties[i] < task.ties[j] ? -1 : 1));
  for (const i of order) {
    if (left === 0n) break;
    const team = task.teams[i];
    if (room.has(team)) {
      if (room.get(team) <= 0n) continue;
      room.set(team, room.get(team) - 1n);
    }
    amounts[i] += 1n;
    left -= 1n;
  }
  return amounts;
}

/**
 * @param {import("./task.mjs").Task} task
 * @returns {import("./differential.mjs").Result}
 */
export function proportional(task) {
  const { minimum, basis } = task.rules;
  const shares = task.shares.map((share) => (basis === "low" ? share.low : share.expected));
  const kept = new Set([...task.ids.keys()].filter((i) => minimum <= 1n || task.bounds[i] >= minimum));
  let found;
  let amounts;
  for (;;) {
    found = quotasOf(task, shares.map((share, i) => (kept.has(i) ? share : 0n)));
    amounts = roundedQuotas(task, found.quotas);
    const small = minimum > 1n ? [...kept].filter((i) => amounts[i] < minimum) : [];
    if (!small.length) break;
    const nothing = small.filter((i) => found.quotas[i].isZero());
    // One at a time, the smallest first; between equals the larger tie key.
    const bySize = (i, j) => found.quotas[i].compare(found.quotas[j]) || (task.ties[i] > task.ties[j] ? -1 : 1);
    for (const i of nothing.length ? nothing : [small.sort(bySize)[0]]) kept.delete(i);
  }
  const certificate = { basis };
  if (found.price !== null) certificate["minor units per share of one billionth"] = decimalText(found.price);
  return {
    amounts,
    weights: shares,
    limitedBy: amounts.map((amount, i) => {
      if (!kept.has(i)) return "minimum";
      if (amount === task.bounds[i] && task.boundName(i)) return task.boundName(i);
      return found.capped[i] ? "team_cap" : "";
    }),
    certificate,
  };
}
