/**
 * Entries in the books: amounts that people decided, around the money rule. See docs/methods/entries.md.
 *
 * With B the pot, F what is paid first or withheld, T(D) what minimum grants add and C(D) what corrections collect
 * when the rule divides D, the books balance if D = B − F − T(D) + C(D). The largest solution is bracketed from both
 * sides.
 */

import { NoDecisionError } from "./problem.mjs";

/** @typedef {{kind: string, project: string, amount: bigint}} Entry */

const sumOf = (table) => [...table.values()].reduce((sum, amount) => sum + amount, 0n);
const smaller = (a, b) => (b < a ? b : a);
const larger = (a, b) => (b > a ? b : a);

/** Entries sorted by what they do: project id → minor units. */
class Plan {
  /** @param {Entry[]} entries @param {Set<string>} held Ids of projects that no entry pays. */
  constructor(entries, held) {
    this.first = new Map(); // paid before the rule divides
    this.fixed = new Map(); // of this, fixed grants, which count towards the ask
    this.least = new Map(); // guaranteed, together with `first`
    this.back = new Map(); // asked back, positive
    this.withheld = new Map(); // stays in the pot, undivided
    const add = (table, id, amount) => table.set(id, (table.get(id) ?? 0n) + amount);
    for (const { kind, project, amount } of entries) {
      if (!project) continue;
      if (amount < 0n) add(this.back, project, -amount);
      else if (kind === "minimum") {
        if (!held.has(project)) this.least.set(project, larger(this.least.get(project) ?? 0n, amount));
      } else if (held.has(project)) add(this.withheld, project, amount);
      else {
        add(this.first, project, amount);
        if (kind === "fixed") add(this.fixed, project, amount);
      }
    }
    this.reserved = sumOf(this.first) + sumOf(this.withheld);
  }

  /** What is missing to a project's minimum grant when the rule gives it so much. */
  topUp(id, byRule) {
    return larger(0n, (this.least.get(id) ?? 0n) - byRule - (this.first.get(id) ?? 0n));
  }

  /** What a project has before corrections when the rule gives it so much. */
  before(id, byRule) {
    return byRule + (this.first.get(id) ?? 0n) + this.topUp(id, byRule);
  }

  /** What corrections take from it: never more than there is. */
  collected(id, byRule) {
    return smaller(this.back.get(id) ?? 0n, this.before(id, byRule));
  }

  /** Ids that anything is written for. */
  get ids() {
    return new Set([...this.first.keys(), ...this.least.keys(), ...this.back.keys()]);
  }
}

/**
 * How much the rule divides, and what entries do to each award.
 *
 * @param {bigint} pot
 * @param {Entry[]} entries In the order of the file.
 * @param {Set<string>} held Ids of projects that are held, or whose harm is disputed.
 * @param {(pot: bigint, fixed: Map<string, bigint>) => Map<string, bigint>} divide What the rule gives of a pot.
 * @returns {{divided: bigint, moved: Map<string, bigint>, postings: {paid: bigint, open: bigint}[]}}
 * @throws {NoDecisionError} Entries take more than the pot.
 */
export function settle(pot, entries, held, divide) {
  const plan = new Plan(entries, held);
  const lowest = pot - plan.reserved - sumOf(plan.least);
  if (lowest < 0n) throw new NoDecisionError("entries take more than the pot");
  const known = new Map();
  const gives = (divided) => {
    if (!known.has(divided)) known.set(divided, divide(divided, plan.fixed));
    return known.get(divided);
  };
  const leaves = (divided) => {
    let out = pot - plan.reserved;
    for (const id of new Set([...plan.least.keys(), ...plan.back.keys()])) {
      const byRule = gives(divided).get(id) ?? 0n;
      out += plan.collected(id, byRule) - plan.topUp(id, byRule);
    }
    return out;
  };
  const highest = pot - plan.reserved + sumOf(plan.back);
  const divided = lowest === highest ? lowest : largest(lowest, highest, leaves);
  const byRule = gives(divided);
  const moved = new Map();
  for (const id of plan.ids) {
    const own = byRule.get(id) ?? 0n;
    moved.set(id, plan.before(id, own) - own - plan.collected(id, own));
  }
  return { divided, moved, postings: postingsOf(plan, entries, byRule) };
}

/**
 * The largest amount that leaves at least itself, where `leaves` does not fall; in any case one that does. Where it
 * falls, which one is found depends on the steps, so they are the definition: what the upper end leaves, which bounds
 * the solution from above, and the middle, in turn.
 */
function largest(low, high, leaves) {
  let reach = leaves(high);
  if (reach >= high) return high;
  for (let step = 0; low < reach && high - low > 1n; step += 1) {
    const aim = step % 2 === 0 ? reach : (low + high) / 2n;
    const middle = smaller(larger(aim, low + 1n), high - 1n);
    const value = leaves(middle);
    if (value >= middle) low = middle;
    else [high, reach] = [middle, smaller(value, reach)];
  }
  return low;
}

/** What each entry moved, and what it could not. */
function postingsOf(plan, entries, byRule) {
  const left = new Map([...plan.back.keys()].map((id) => [id, plan.collected(id, byRule.get(id) ?? 0n)]));
  const missing = new Map([...plan.least.keys()].map((id) => [id, plan.topUp(id, byRule.get(id) ?? 0n)]));
  return entries.map(({ kind, project, amount }) => {
    if (!project) return { paid: 0n, open: 0n };
    if (amount < 0n) {
      const taken = smaller(left.get(project), -amount);
      left.set(project, left.get(project) - taken);
      return { paid: -taken, open: amount + taken };
    }
    if (kind === "minimum") {
      const paid = missing.get(project) ?? 0n;
      missing.delete(project);
      return { paid, open: 0n };
    }
    return plan.withheld.has(project) ? { paid: 0n, open: amount } : { paid: amount, open: 0n };
  });
}
