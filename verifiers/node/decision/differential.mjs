/**
 * The money rule `differential`: where the next unit is worth most, within asks, limits by evidence, team caps, floors
 * and the minimum; then the harm budget, which only takes away. See docs/methods/differential.md.
 */

import { Decimal, decimalText } from "./decimal.mjs";
import { solveFloors, TOLERANCE } from "./floors.mjs";
import { compareTexts } from "./gates.mjs";
import { Line, fill, fillCapped, fillViable } from "./line.mjs";
import { NoDecisionError } from "./problem.mjs";
import { Rational, whole } from "./rational.mjs";
import { integerWeights } from "./weights.mjs";

const MICRO = 1_000_000n;
/** Added before an award under floors is rounded down, so that an exact 5 computed as 4.999… stays 5. */
const NUDGE = new Decimal(1n, -6);

/**
 * @typedef {object} Result
 * @property {bigint[]} amounts Minor units.
 * @property {bigint[]} weights On the rule's own scale.
 * @property {string[]} limitedBy What kept each project from getting more.
 * @property {Record<string, string>} certificate
 */

/**
 * @param {import("./task.mjs").Task} task
 * @returns {Result}
 * @throws {NoDecisionError} The rule cannot divide this pot.
 */
export function differential(task) {
  const { rules } = task;
  if (rules.saturation.compare(Rational.zero) <= 0) throw new NoDecisionError("the saturation is not positive");
  const k = rules.saturation.times(new Rational(task.pot, BigInt(task.size)));
  const { weights, places } = integerWeights(task);
  const line = new Line(weights, task.ties, k);
  const floors = rules.floors
    .filter(({ share }) => share.compare(Rational.zero) > 0)
    .map(({ cell, share }) => ({ cell, amount: share.times(whole(task.pot)) }))
    .sort((a, b) => compareTexts(a.cell, b.cell));
  const stage = floors.length ? withFloors(task, line, floors) : withoutFloors(task, line, places);
  const cut = rules.harmBudget === null ? { amounts: stage.amounts } : underHarmBudget(task, line, stage.amounts);
  return {
    amounts: cut.amounts,
    weights,
    limitedBy: cut.amounts.map((amount, i) => {
      if (amount < stage.amounts[i]) return "harm_budget";
      if (!stage.kept.has(i)) return "minimum";
      if (amount === task.bounds[i] && task.boundName(i)) return task.boundName(i);
      return stage.capped[i] ? "team_cap" : "";
    }),
    certificate: { k: k.toString(), weight_digits: `${places}`, ...stage.certificate, ...cut.certificate },
  };
}

function withoutFloors(task, line, places) {
  const { minimum } = task.rules;
  const found = minimum > 1n
    ? fillViable(line, task.bounds, task.pot, task.teamCaps, minimum)
    : { ...fillCapped(line, task.bounds, task.pot, task.teamCaps), kept: new Set(task.ids.keys()) };
  const { amounts, bounds, kept } = found;
  const capped = amounts.map((amount, i) => kept.has(i) && amount === bounds[i] && amount < task.bounds[i]);
  const scale = line.k.over(new Rational(10n ** BigInt(places)));
  return { amounts, kept, capped, certificate: exchange(task, line, { amounts, kept, capped }, scale) };
}

/** The last unit taken and the next one left out, for the pot and for each team at its cap, and what they are worth. */
function exchange(task, line, { amounts, kept, capped }, scale) {
  const teamOf = new Map();
  for (const { team, members } of task.teamCaps) {
    if (members.some((i) => capped[i])) for (const i of members) teamOf.set(i, team);
  }
  const last = new Map(); // group, "" for the pot → project
  const next = new Map();
  const put = (groups, group, i, better) => {
    if (!groups.has(group) || better(groups.get(group))) groups.set(group, i);
  };
  for (const i of kept) {
    const own = teamOf.get(i);
    if (amounts[i] > 0n) {
      const later = (j) => line.compare(i, amounts[i] - 1n, j, amounts[j] - 1n) > 0;
      for (const group of own === undefined ? [""] : ["", own]) put(last, group, i, later);
    }
    if (amounts[i] < task.bounds[i]) {
      const earlier = (j) => line.compare(i, amounts[i], j, amounts[j]) < 0;
      put(next, capped[i] ? own : "", i, earlier);
    }
  }
  const called = (name, group) => (group ? `${name} of team ${group}` : name);
  const worth = (i, x) => scale.over(line.place(i, x));
  const out = {};
  const lastWorth = new Map([...last].map(([group, i]) => [group, worth(i, amounts[i] - 1n)]));
  const nextWorth = new Map([...next].map(([group, i]) => [group, worth(i, amounts[i])]));
  for (const [group, i] of last) out[called("last_unit", group)] = `${amounts[i]} of ${task.ids[i]}`;
  for (const [group, value] of lastWorth) out[called("worth_of_last_unit", group)] = decimalText(value);
  for (const [group, value] of nextWorth) out[called("worth_of_next_unit", group)] = decimalText(value);
  const both = [...nextWorth.keys()].filter((group) => lastWorth.has(group));
  const gains = both.map((group) => nextWorth.get(group).minus(lastWorth.get(group)));
  if (gains.length) out.worst_exchange = decimalText(gains.reduce((top, gain) => (gain.compare(top) > 0 ? gain : top)));
  return out;
}

function withFloors(task, line, floors) {
  const { minimum } = task.rules;
  const kept = new Set([...task.ids.keys()].filter((i) => minimum <= 1n || task.bounds[i] >= minimum));
  const memberships = task.cells.map((cells) => floors.map(({ cell }) => cells.get(cell) ?? Rational.zero));
  let solution;
  let amounts;
  for (;;) {
    solution = solveFloors({
      weights: line.weights,
      bounds: task.bounds.map((bound, i) => (kept.has(i) ? bound : 0n)),
      total: task.pot,
      k: line.k,
      caps: task.teamCaps,
      memberships,
      floors: floors.map(({ amount }) => amount),
    });
    amounts = solution.amounts.map((amount) => solution.arithmetic.plus(amount, NUDGE).floor());
    const small = minimum > 1n ? [...kept].filter((i) => amounts[i] < minimum) : [];
    if (!small.length) break;
    const nothing = small.filter((i) => solution.amounts[i].sign === 0);
    // Smallest first; between equals the larger tie key.
    const bySize = (i, j) => solution.amounts[i].compare(solution.amounts[j]) || (line.ties[i] > line.ties[j] ? -1 : 1);
    for (const i of nothing.length ? nothing : [small.sort(bySize)[0]]) kept.delete(i);
  }
  return {
    amounts,
    kept,
    capped: solution.teamPrices.map((price) => price !== null),
    certificate: floorCertificate(task, line, floors, solution),
  };
}

function floorCertificate(task, line, floors, solution) {
  const out = {};
  floors.forEach(({ cell }, c) => {
    out[`multiplier of floor ${cell}`] = solution.multipliers[c].toString();
  });
  out["multiplier of the pot"] = solution.price === null ? "0" : solution.price.toString();
  for (const { team, members } of task.teamCaps) {
    const price = members.map((i) => solution.teamPrices[i]).find((found) => found !== null);
    if (price) out[`multiplier of team ${team}`] = price.toString();
  }
  const largest = line.weights.reduce((most, weight) => (weight > most ? weight : most));
  out["unit of multipliers"] = `weight ${largest} per minor unit, at an award of 0`;
  out.floor_residual = solution.residual.toString();
  out.floor_tolerance = TOLERANCE.toString();
  out.rounding = "each award is rounded down to a minor unit";
  return out;
}

/** Awards cut, the unit with the least value per harm first, until the harm budget is met. */
function underHarmBudget(task, line, before) {
  const limit = task.rules.harmBudget.times(whole(MICRO * task.pot));
  const harms = task.scores.map(({ harm }) => harm?.at_most ?? 0n);
  const dear = new Line(line.weights, line.ties, line.k, harms);
  let amounts = fill(dear, before, limit.floor());
  const certificate = {};
  if (amounts.some((amount, i) => amount !== before[i])) {
    const risky = [...amounts.keys()].filter((i) => harms[i] > 0n && amounts[i] > 0n);
    risky.sort((i, j) => dear.compare(j, amounts[j] - 1n, i, amounts[i] - 1n));
    certificate["last_unit under the harm budget"] = risky.length
      ? `${amounts[risky[0]]} of ${task.ids[risky[0]]}`
      : "none";
  }
  if (task.rules.minimum > 1n) amounts = amounts.map((amount) => (amount >= task.rules.minimum ? amount : 0n));
  const spent = amounts.reduce((sum, amount, i) => sum + harms[i] * amount, 0n);
  const micro = whole(MICRO);
  certificate.harm_spent = `${decimalText(whole(spent).over(micro))} of ${decimalText(limit.over(micro))}`;
  return { amounts, certificate };
}
