/** From verdicts to money: who is paid, what the rule gives, what entries add. */

import { settle } from "./books.mjs";
import { differential } from "./differential.mjs";
import { NoDecisionError } from "./problem.mjs";
import { proportional } from "./proportional.mjs";
import { Task } from "./task.mjs";

/** Money rules written here, by name. */
export const MONEY_RULES = new Map([["differential", differential], ["proportional", proportional]]);

/**
 * @typedef {object} Round
 * @property {{id: string, team: string, ask: bigint | null, scores: *, share: *, cells: Map}[]} projects
 * @property {*} rules From `rulesOf`.
 * @property {bigint} pot Minor units.
 * @property {import("./books.mjs").Entry[]} entries
 *
 * @typedef {{label: string, stopped: boolean}} Standing
 *
 * @typedef {{amount: bigint, weight: bigint, limitedBy: string, entries: bigint}} Award
 */

/** Whether a verdict lets money flow. @param {Standing} verdict */
export const isPaid = (verdict, rules) =>
  rules.paysAllNotHeld ? !verdict.stopped : verdict.label === "accelerate" || verdict.label === "with_safeguards";

/**
 * @param {Round} round
 * @param {Map<string, Standing>} verdicts By project id.
 * @returns {{awards: Map<string, Award>, unallocated: bigint, divided: bigint, certificate: Record<string, string>,
 *   postings: {paid: bigint, open: bigint}[]}}
 * @throws {NoDecisionError} The rules cannot divide this round.
 */
export function allocate({ projects, rules, pot, entries }, verdicts) {
  const { rule } = rules.money;
  const paid = projects.filter(({ id }) => isPaid(verdicts.get(id), rules));
  const held = new Set(projects.filter(({ id }) => verdicts.get(id).stopped).map(({ id }) => id));
  const results = new Map();
  const divide = (amount, fixed) => {
    if (!paid.length) return new Map();
    if (paid.some(({ scores }) => !scores.benefit)) {
      throw new NoDecisionError("a project that may be funded was not judged on benefit");
    }
    const task = new Task(paid.map((project) => lessFixed(project, fixed)), rules.money, amount);
    const result = MONEY_RULES.get(rule)(task);
    results.set(amount, result);
    return new Map(paid.map(({ id }, i) => [id, result.amounts[i]]));
  };
  const books = settle(pot, entries, held, divide);
  const result = results.get(books.divided);
  const awards = new Map(projects.map(({ id }) => [id, { amount: 0n, weight: 0n, limitedBy: "verdict", entries: 0n }]));
  paid.forEach(({ id }, i) => {
    const [amount, weight, limitedBy] = [result.amounts[i], result.weights[i], result.limitedBy[i]];
    awards.set(id, { amount, weight, limitedBy, entries: 0n });
  });
  for (const [id, amount] of books.moved) {
    const award = awards.get(id);
    if (!award) throw new NoDecisionError(`an entry names ${JSON.stringify(id)}, which is no project`);
    awards.set(id, { ...award, amount: award.amount + amount, entries: amount });
  }
  return {
    awards,
    unallocated: [...awards.values()].reduce((left, { amount }) => left - amount, pot),
    divided: books.divided,
    certificate: { rule, ...result?.certificate },
    postings: books.postings,
  };
}

/** A fixed grant counts towards the ask. */
function lessFixed(project, fixed) {
  const granted = fixed.get(project.id) ?? 0n;
  if (project.ask === null || granted === 0n) return project;
  return { ...project, ask: project.ask > granted ? project.ask - granted : 0n };
}

/**
 * What a held project would have got, had it alone been cleared; null if the rules cannot say.
 *
 * @param {Round} round
 * @param {Map<string, Standing>} verdicts
 * @param {string} id
 * @returns {bigint | null}
 */
export function forgone(round, verdicts, id) {
  try {
    const instead = new Map(verdicts).set(id, { label: "accelerate", stopped: false });
    return allocate(round, instead).awards.get(id).amount;
  } catch (error) {
    if (error instanceof NoDecisionError) return null;
    throw error;
  }
}
