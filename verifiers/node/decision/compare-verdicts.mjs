/** Verdicts of a decision file against recomputed ones. */

import { dayAfter } from "./days.mjs";
import { returnsOf, standIns } from "./gates.mjs";
import { whole } from "./rational.mjs";
import { Court } from "./verdicts.mjs";

/** Codes of reasons that answers about roles, the licence and far benefit add behind a verdict's own. */
const ADDED = new Set([
  "dual_use", "disputed", "defence_late", "defence_unjudged", "constraint_in_question", "open_licence",
  "closed_licence", "not_comfortable_open", "unsure_open", "comfortable_open", "far_benefit_not_counted",
]);

/**
 * @param {import("./report.mjs").Report} report Takes what differs.
 * @param {*} document
 * @param {import("./portfolio.mjs").Portfolio} portfolio
 * @param {import("./awards.mjs").Round} round
 * @returns {Map<string, import("./verdicts.mjs").Verdict>} As recomputed, by project id.
 */
export function compareVerdicts(report, document, portfolio, round) {
  const { rules } = round;
  const court = new Court(portfolio, rules, new Map(round.projects.map(({ id, scores }) => [id, scores])));
  const verdicts = new Map(round.projects.map(({ id }) => [id, court.verdict(id)]));
  const instead = standIns(portfolio, verdicts, new Map(round.projects.map(({ id, share }) => [id, share])));
  for (const { id, verdict: said, award, scores, share } of document.projects) {
    const found = verdicts.get(id);
    const substitutes = instead.get(id) ?? [];
    const expect = (key, value) => report.compare(id, `verdict.${key}`, said[key], value);
    expect("label", found.label);
    expect("probability", found.probability);
    expect("at_least", found.atLeast);
    expect("probability_of", found.of);
    expect("waits_for", [...new Set(found.gates.flatMap((gate) => gate.partners))]);
    expect("substitutes", substitutes);
    expect("reopens_after_days", found.days);
    expect("expires_on", found.days !== null && rules.decidedOn ? dayAfter(rules.decidedOn, found.days) : "");
    expect("waiting", found.gates.length ? rules.gated.times(whole(award.amount)).ceil() : 0n);
    const gates = said.gates.map(({ of, maturity, role, partners }) => ({ of, maturity, role, partners }));
    report.compare(id, "verdict.gates", gates, found.gates);
    const delay = found.label === "hold" ? lost(scores, share) : null;
    report.compare(id, "verdict.delay", delayOf(said.delay), delay);
    const own = substitutes.length ? ["substitute_first", ...found.codes] : found.codes;
    compareCodes(report, id, said.reasons.map(({ code }) => code), own);
    const returns = found.label === "with_safeguards"
      ? returnsOf(portfolio.known.get(id), found.gates, rules.safeguards).map((one) => ({
          share: one.returnsMillionths,
          at_most: one.returns.times(whole(award.amount)).floor(),
        }))
      : [];
    const asked = said.safeguards.map((one) => ({ share: one.returns.share, at_most: one.returns.at_most }));
    report.compare(id, "verdict.safeguards.returns", asked, returns);
  }
  return verdicts;
}

/** The verdict's own codes come first, in order; behind them only such as move nothing. */
function compareCodes(report, id, said, own) {
  const rest = said.slice(own.length);
  const extra = rest.filter((code) => ADDED.has(code));
  report.compare(id, "verdict.reasons.code", said, [...own, ...extra]);
}

/** What each month of waiting puts off. */
const lost = (scores, share) =>
  scores.benefit
    ? { share: share.expected, low: share.low, high: share.high }
    : { share: null, low: null, high: null };

const delayOf = (delay) => (delay === null ? null : { share: delay.share, low: delay.low, high: delay.high });
