/** What a decision file repeats of the round's files, against the files. */

import { createHash } from "node:crypto";
import { readCsv } from "./csv.mjs";
import { amountOf } from "./portfolio.mjs";

const ENTRIES = "entries.csv";

function compareDigest(report, document, name, bytes) {
  const digest = createHash("sha256").update(bytes).digest("hex");
  report.compare(null, `inputs.${name}`, document.inputs[name], digest);
}

/**
 * Projects, with their teams and asks.
 *
 * @param {import("./report.mjs").Report} report Takes what differs.
 * @param {*} document
 * @param {import("./portfolio.mjs").Portfolio} portfolio
 * @param {string} name Of the file of projects.
 * @param {Uint8Array} bytes Of the same.
 * @returns {boolean} Whether both name the same projects in the same order.
 */
export function comparePortfolio(report, document, portfolio, name, bytes) {
  compareDigest(report, document, name, bytes);
  const named = document.projects.map(({ id }) => id);
  const found = portfolio.projects.map(({ id }) => id);
  report.compare(null, "projects.id", named, found);
  if (named.length !== found.length || named.some((id, i) => id !== found[i])) return false;
  for (const { id, team, ask } of document.projects) {
    const item = portfolio.known.get(id);
    report.compare(id, "team", team, item.team);
    report.compare(id, "ask", ask, amountOf(item.ask, document.budget.digits));
  }
  return true;
}

/** Amounts that people decided, as entries.csv has them. */
export function compareEntries(report, document, files) {
  const said = document.entries.map(({ kind, project, amount }) => ({ kind, project, amount }));
  if (!files.has(ENTRIES)) {
    if (said.length || ENTRIES in document.inputs) {
      report.skip("entries.kind, project, amount", "there is no entries.csv; they count as the decision file has them");
    }
    return;
  }
  compareDigest(report, document, ENTRIES, files.get(ENTRIES));
  const found = readCsv(files.get(ENTRIES), ENTRIES).map(({ kind, project, amount = "" }) => {
    const size = amountOf(amount.replace(/^-/, ""), document.budget.digits);
    return { kind, project, amount: amount.startsWith("-") ? -(size ?? 0n) : size };
  });
  report.compare(null, "entries", said, found);
}
