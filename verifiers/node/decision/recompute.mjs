/**
 * The integer part of a decision, computed again: from the published integers and the rules in effect to verdicts,
 * gates and awards, to the last minor unit.
 */

import { MONEY_RULES, allocate, isPaid } from "./awards.mjs";
import { compareEntries, comparePortfolio } from "./compare-files.mjs";
import { compareAwards, compareBooks, compareTotals } from "./compare-money.mjs";
import { compareVerdicts } from "./compare-verdicts.mjs";
import { checkDocument } from "./document.mjs";
import { Portfolio, projectsFile } from "./portfolio.mjs";
import { NoDecisionError } from "./problem.mjs";
import { Report } from "./report.mjs";
import { rulesOf } from "./rules.mjs";

export { parseJson } from "./json.mjs";
export { MalformedError } from "./problem.mjs";

/** What never is compared here, and why. */
const NEVER = [
  [
    "projects.scores, projects.share, voices, graph, diagnostics, parameters.learned",
    "they come from the fit, which is not made again here",
  ],
  ["projects.interval", "it comes from draws in binary floating point"],
  ["projects.verdict.would_change, nothing_changes", "what-if questions decide no money"],
  [
    "words: reasons' texts, conditions, terms, cost_of_delay, notes, warnings, notices, titles",
    "they follow from what is compared and move nothing",
  ],
  ["reasons that come from answers about roles", "they change no label and no award"],
  ["criteria, goal, seed, defaults, overridden", "no verdict and no award follows from them"],
  ["parameters.effective against round.toml", "round.toml is not read here; compare them with the manifest's rules"],
  ["inputs, but for projects and entries", "compare them with the record's files"],
];

/**
 * Recompute verdicts and money from a decision file and compare them with what it says.
 *
 * @param {*} document From `parseJson`, which keeps numbers exact.
 * @param {Map<string, Uint8Array>} files Name → bytes of the round folder. Read are projects.csv or projects.toml, for
 *   cells, roles, gates and maturities, and entries.csv; everything else is in the decision file.
 * @returns {import("./report.mjs").Outcome} Nothing that follows from integers is passed over in silence: it is under
 *   `checked`, or with a reason under `unchecked`. The file holds if there are no problems.
 * @throws {import("./problem.mjs").MalformedError} The document or a file is not what it should be.
 */
export function recompute(document, files) {
  checkDocument(document);
  const report = new Report();
  const rules = rulesOf(document.parameters.effective);
  const source = projectsFile(files);
  const portfolio = source === undefined ? null : Portfolio.of(source, files.get(source));
  report.compare(null, "method.money", document.method.money, rules.money.rule);
  report.compare(null, "decided_on", document.decided_on, rules.decidedOn);
  if (portfolio === null) {
    const instead = "awards are recomputed from the verdicts that the file states";
    report.skip("projects.verdict", `there is no projects.csv or projects.toml; ${instead}`);
  } else if (!comparePortfolio(report, document, portfolio, source, files.get(source))) {
    report.skip("verdicts and awards", `${source} and the decision file name other projects, or in another order`);
    return report.outcome();
  }
  compareEntries(report, document, files);
  const round = {
    rules,
    pot: document.budget.amount,
    entries: document.entries,
    projects: document.projects.map(({ id, team, ask, scores, share }) => {
      return { id, team, ask, scores, share, cells: portfolio?.known.get(id).cells ?? new Map() };
    }),
  };
  try {
    const verdicts = portfolio ? compareVerdicts(report, document, portfolio, round) : statedVerdicts(document);
    compareMoney(report, document, round, verdicts, portfolio !== null);
  } catch (error) {
    if (!(error instanceof NoDecisionError)) throw error;
    report.problem(null, "rules", "a decision", `none: ${error.message}`);
  }
  for (const [what, why] of NEVER) report.skip(what, why);
  return report.outcome();
}

/** Verdicts as the file says them, as far as money follows from them. */
function statedVerdicts(document) {
  const disputed = ({ reasons }) => reasons.some(({ code }) => code === "hold_disputed");
  return new Map(
    document.projects.map(({ id, verdict }) => {
      return [id, { label: verdict.label, stopped: verdict.label === "hold" || disputed(verdict) }];
    }),
  );
}

function compareMoney(report, document, round, verdicts, knowsCells) {
  const { money } = round.rules;
  const anybody = round.projects.some(({ id }) => isPaid(verdicts.get(id), round.rules));
  const reason = !MONEY_RULES.has(money.rule) && anybody
    ? `the money rule ${JSON.stringify(money.rule)} is not written in JavaScript`
    : money.rule === "differential" && money.floors.length && !knowsCells && anybody
      ? "floors need the cells of projects, which are not known"
      : "";
  if (reason) {
    report.skip("projects.award, divided, entries, certificate, verdict.delay.forgone", reason);
    compareTotals(report, document, round, verdicts);
    return;
  }
  const allocation = allocate(round, verdicts);
  compareAwards(report, document, round, verdicts, allocation);
  compareBooks(report, document, allocation);
  compareTotals(report, document, round, verdicts);
}
