/**
 * The integer part of a decision, computed again: from the published integers and the rules in effect to verdicts, gates
 * and awards, to the last minor unit.
 */

import { createHash } from "node:crypto";
import { MONEY_RULES, allocate, isPaid } from "./awards.mjs";
import { compareAwards, compareBooks, compareTotals } from "./compare-money.mjs";
import { compareVerdicts } from "./compare-verdicts.mjs";
import { checkDocument } from "./document.mjs";
import { Portfolio, amountOf, projectsFile } from "./portfolio.mjs";
import { NoDecisionError } from "./problem.mjs";
import { Report } from "./report.mjs";
import { rulesOf } from "./rules.mjs";

export { parseJson } from "./json.mjs";
export { MalformedError } from "./problem.mjs";

/** What never is compared here, and why. */
const NEVER = [
  ["projects.scores, projects.share, voices, graph, diagnostics, parameters.learned", "they come from the fit, which is not made again here"],
  ["projects.interval", "it comes from draws in binary floating point"],
  ["projects.verdict.would_change, nothing_changes", "what-if questions decide no money"],
  ["words: reasons' texts, conditions, terms, cost_of_delay, notes, warnings, notices, titles", "they follow from what is compared and move nothing"],
  ["reasons that come from answers about roles", "they change no label and no award"],
  ["criteria, goal, seed, defaults, overridden", "no verdict and no award follows from them"],
  ["parameters.effective against round.toml", "round.toml is not read here; compare them with the manifest's rules"],
  ["inputs, but for the file of projects", "compare them with the record's files"],
];

/**
 * Recompute verdicts and money from a decision file and compare them with what it says.
 *
 * @param {*} document From `parseJson`, which keeps numbers exact.
 * @param {Map<string, Uint8Array>} files Name → bytes of the round folder. Only projects.csv or projects.toml is read,
 *   for cells, roles, gates and maturities; everything else is in the decision file.
 * @returns {import("./report.mjs").Outcome} Nothing that follows from integers is passed over in silence: it is under
 *   `checked`, or with a reason under `unchecked`. The file holds if there are no problems.
 * @throws {import("./problem.mjs").MalformedError} The document or the file of projects is not what it should be.
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
    const why = "there is no projects.csv or projects.toml. Awards are recomputed from the verdicts as the file says them";
    report.skip("projects.verdict", why);
  } else {
    const digest = createHash("sha256").update(files.get(source)).digest("hex");
    report.compare(null, `inputs.${source}`, document.inputs[source], digest);
    if (!comparePortfolio(report, document, portfolio)) {
      report.skip("verdicts and awards", `${source} and the decision file name other projects, or in another order`);
      return report.outcome();
    }
  }
  const round = {
    rules,
    pot: document.budget.amount,
    entries: document.entries,
    projects: document.projects.map(({ id, team, ask, scores, share }) => {
      return { id, team, ask, scores, share, cells: portfolio?.known.get(id).cells ?? new Map() };
    }),
  };
  try {
    const verdicts = portfolio === null ? statedVerdicts(document) : compareVerdicts(report, document, portfolio, round);
    compareMoney(report, document, round, verdicts, portfolio !== null);
  } catch (error) {
    if (!(error instanceof NoDecisionError)) throw error;
    report.problem(null, "rules", "a decision", `none: ${error.message}`);
  }
  for (const [what, why] of NEVER) report.skip(what, why);
  return report.outcome();
}

/** Whether the file of projects and the decision file name the same projects in the same order. */
function comparePortfolio(report, document, portfolio) {
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
