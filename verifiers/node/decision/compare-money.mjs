/** Awards, entries and totals of a decision file against recomputed ones. */

import { forgone, isPaid } from "./awards.mjs";

/** Projects times holds up to which a decision states what holds would have got. */
const MOST_FORGONE = 200_000;

/**
 * @param {import("./report.mjs").Report} report Takes what differs.
 * @param {*} document
 * @param {import("./awards.mjs").Round} round
 * @param {Map<string, import("./awards.mjs").Standing>} verdicts
 * @param {*} allocation From `allocate`.
 */
export function compareAwards(report, document, round, verdicts, allocation) {
  const holds = document.projects.filter(({ id }) => verdicts.get(id).label === "hold");
  const stated = holds.length * document.projects.length <= MOST_FORGONE;
  for (const { id, award, verdict } of document.projects) {
    const found = allocation.awards.get(id);
    report.compare(id, "award.amount", award.amount, found.amount);
    report.compare(id, "award.limited_by", award.limited_by, found.limitedBy);
    report.compare(id, "award.entries", award.entries, found.entries);
    report.compare(id, "award.weight", award.weight, found.weight);
    if (verdicts.get(id).label === "hold" && verdict.delay) {
      report.compare(id, "verdict.delay.forgone", verdict.delay.forgone, stated ? forgone(round, verdicts, id) : null);
    }
  }
}

/** What the rule divided, the certificate, and what became of each entry. */
export function compareBooks(report, document, allocation) {
  report.compare(null, "divided", document.divided, allocation.divided);
  report.compare(null, "unallocated", document.unallocated, allocation.unallocated);
  document.entries.forEach((entry, i) => {
    const { paid, open } = allocation.postings[i];
    report.compare(entry.project || null, "entries.paid", entry.paid, paid);
    report.compare(entry.project || null, "entries.open", entry.open, open);
  });
  report.names("certificate");
  for (const name of new Set([...Object.keys(document.certificate), ...Object.keys(allocation.certificate)])) {
    const said = document.certificate[name];
    if (said !== allocation.certificate[name]) {
      report.problem(null, `certificate.${name}`, said, allocation.certificate[name]);
    }
  }
}

/** What holds whatever the money rule is: nothing is lost, no award is negative, and who may not be paid is not. */
export function compareTotals(report, document, round, verdicts) {
  const awarded = document.projects.reduce((sum, { award }) => sum + award.amount, 0n);
  report.compare(null, "awards and unallocated, together", awarded + document.unallocated, round.pot);
  for (const { id, award } of document.projects) {
    if (award.amount < 0n) report.problem(id, "award.amount", award.amount, "nothing below 0");
    if (!isPaid(verdicts.get(id), round.rules)) {
      report.compare(id, "award.amount beside entries, by verdict", award.amount - award.entries, 0n);
    }
  }
}
