/** Gates that are closed, what can stand in for a project, and which hard constraints and conditions apply to it. */

import { MATURITIES } from "./portfolio.mjs";
import { Rational } from "./rational.mjs";

const reached = (item) => (item ? MATURITIES.indexOf(item.maturity) : -1);
const raisedBy = (item) => new Set(item.roles.filter((role) => role.kind === "raises").map((role) => role.target));

/** Ids of those who can open a gate, in the portfolio's order. */
function partners(portfolio, project, gate) {
  if (!gate.role) return portfolio.known.has(gate.of) ? [gate.of] : [];
  const able = (other) =>
    other.id !== project.id && other.roles.some((role) => role.kind === gate.role && role.target === gate.of);
  return [...portfolio.known.values()].filter(able).map((other) => other.id);
}

/**
 * The gates of a project that no partner has opened, each with the ids of those who can.
 *
 * @param {import("./portfolio.mjs").Portfolio} portfolio
 * @param {import("./portfolio.mjs").Item} project
 * @returns {{of: string, maturity: string, role: string, partners: string[]}[]}
 */
export function closedGates(portfolio, project) {
  return project.waits
    .map((gate) => {
      const able = partners(portfolio, project, gate);
      const open = able.some((id) => reached(portfolio.known.get(id)) >= MATURITIES.indexOf(gate.maturity));
      return open ? null : { ...gate, partners: able.length || gate.role ? able : [gate.of] };
    })
    .filter((gate) => gate);
}

/** Whether a hard constraint names the project, or a risk that it raises. */
export const breaks = (project, constraint) =>
  constraint.projects.includes(project.id) || constraint.raises.some((risk) => raisedBy(project).has(risk));

/** Whether half of a project or more lies in the cells `bits/info/…`. */
export function inInformationDomain(project) {
  let inside = Rational.zero;
  for (const [cell, share] of project.cells) if (cell.startsWith("bits/info/")) inside = inside.plus(share);
  return inside.compare(Rational.half) >= 0;
}

const ALL = { returns: new Rational(1n), returnsMillionths: 1_000_000n };

/**
 * What the conditions of a project with safeguards ask back, in the order of its conditions.
 *
 * The round's own conditions that apply; without one, all of it for each risk that the project raises; all of it for
 * each closed gate; and a general condition if there would be none.
 */
export function returnsOf(project, gates, safeguards) {
  const raised = raisedBy(project);
  const applies = (one) =>
    [one.projects, one.risks, one.cells, one.roles].every((names) => !names.length) ||
    one.projects.includes(project.id) ||
    one.risks.some((risk) => raised.has(risk)) ||
    one.cells.some((cell) => !(project.cells.get(cell) ?? Rational.zero).isZero()) ||
    project.roles.some((role) => one.roles.includes(role.kind));
  const own = safeguards.filter(applies);
  const risks = project.roles.filter((role) => role.kind === "raises").map(() => ALL);
  const out = [...(own.length ? own : risks), ...gates.map(() => ALL)];
  return out.length ? out : [ALL];
}

/**
 * For each project that waits or is held, the comparable ones that can take its place, the best expected share first.
 *
 * Comparable is who has a `substitutes` role towards it, is cleared, waits for nothing, and reaches its expected share
 * with the upper end of its own interval.
 *
 * @param {import("./portfolio.mjs").Portfolio} portfolio
 * @param {Map<string, *>} verdicts By project id.
 * @param {Map<string, {expected: bigint, high: bigint}>} shares By project id.
 * @returns {Map<string, string[]>}
 */
export function standIns(portfolio, verdicts, shares) {
  const out = new Map();
  for (const [id, verdict] of verdicts) {
    if (verdict.label !== "hold" && !verdict.gates.length) continue;
    const fit = portfolio.projects
      .filter((other) => other.roles.some((role) => role.kind === "substitutes" && role.target === id))
      .map((other) => other.id)
      .filter((other) => isCleared(verdicts.get(other)) && shares.get(other).high >= shares.get(id).expected);
    fit.sort((a, b) => compare(shares.get(b).expected, shares.get(a).expected) || compareTexts(a, b));
    out.set(id, fit);
  }
  return out;
}

const isCleared = (verdict) =>
  (verdict.label === "accelerate" || verdict.label === "with_safeguards") && !verdict.gates.length;

const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/** By code points; JavaScript's own order is by UTF-16 units, which differs beyond the basic plane. */
export function compareTexts(a, b) {
  const [left, right] = [a, b].map((text) => Array.from(text, (character) => character.codePointAt(0)));
  for (let i = 0; i < Math.min(left.length, right.length); i += 1) {
    if (left[i] !== right[i]) return left[i] - right[i];
  }
  return left.length - right.length;
}
