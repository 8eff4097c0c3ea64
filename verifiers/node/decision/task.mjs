/** What a money rule gets to see: the projects that may be funded, and nothing of the others. */

import { createHash } from "node:crypto";
import { Rational, ceilDivide, whole } from "./rational.mjs";

/** Decides between equals: SHA-256 of the id as a number; the smaller goes first. */
export const tieKey = (id) => BigInt(`0x${createHash("sha256").update(id, "utf8").digest("hex")}`);

/** Criterion → the same with an adversary as holder. */
const SWAPPED = [["harm", "harm_if_adversary"], ["defence", "defence_if_adversary"]];

/**
 * The scores with harm and defence as held by whoever is worse: the more probable harm, the less probable defence.
 *
 * What has no probability is the least harm, and no defence.
 */
function worseHolder(scores) {
  const out = Object.assign(Object.create(null), scores);
  const atMost = (score) => (score.above === null ? -1n : score.at_most);
  const above = (score) => score.above ?? -1n;
  for (const [name, swapped] of SWAPPED) {
    const [own, other] = [scores[name], scores[swapped]];
    if (!other) continue;
    let worse = !own;
    if (own && name === "defence") worse = above(other) < above(own);
    if (own && name === "harm") {
      worse = atMost(other) > atMost(own) || (atMost(other) === atMost(own) && above(other) > above(own));
    }
    out[name] = worse ? other : own;
  }
  return out;
}

/** @typedef {{team: string, amount: bigint, members: number[]}} TeamCap Members are positions in the task. */

/** The pot that a rule divides, and among whom; all lists in the order of the decision file. */
export class Task {
  /**
   * @param {import("./awards.mjs").Round["projects"]} projects At least one; a fixed grant is taken off the ask already.
   * @param {*} rules `rulesOf(…).money`.
   * @param {bigint} pot Minor units.
   */
  constructor(projects, rules, pot) {
    this.rules = rules;
    this.pot = pot;
    this.ids = projects.map((project) => project.id);
    this.teams = projects.map((project) => project.team);
    this.asks = projects.map((project) => project.ask);
    this.shares = projects.map((project) => project.share);
    this.cells = projects.map((project) => project.cells);
    this.scores = projects.map((project) => worseHolder(project.scores));
    this.ties = this.ids.map(tieKey);
    this.size = projects.length;
    this.evidence = this.evidenceLimits();
    const byAsk = this.asks.map((ask) => (ask === null || ask > pot ? pot : ask));
    this.bounds = byAsk.map((bound, i) => (this.evidence[i] < bound ? this.evidence[i] : bound));
    this.teamCaps = this.capsOfTeams();
  }

  /** For each answer about a project's benefit, `evidenceCap` equal splits of the pot; rounded up. */
  evidenceLimits() {
    const each = this.rules.evidenceCap.times(new Rational(this.pot, BigInt(this.size)));
    return this.scores.map(({ benefit }) =>
      ceilDivide((benefit?.judgments ?? 0n) * each.numerator, each.denominator),
    );
  }

  /** @returns {TeamCap[]} */
  capsOfTeams() {
    if (this.rules.teamCap === null) return [];
    const amount = this.rules.teamCap.times(whole(this.pot)).floor();
    const members = new Map();
    this.teams.forEach((team, i) => {
      if (team) members.set(team, [...(members.get(team) ?? []), i]);
    });
    return [...members].map(([team, where]) => ({ team, amount, members: where }));
  }

  /** What sets a project's bound, as `limited_by` says it; empty if it is the pot. */
  boundName(i) {
    if (this.bounds[i] === this.asks[i]) return "ask";
    return this.bounds[i] === this.evidence[i] && this.bounds[i] < this.pot ? "evidence" : "";
  }
}
