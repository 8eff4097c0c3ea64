/** The parts of a decision file that money follows from, checked for their kinds before anything is computed. */

import { Real } from "./json.mjs";
import { MalformedError } from "./problem.mjs";

const FILE = "decision.json";
const SCHEMA = "daccord/decision/1";
const HARMS = ["harm", "harm_if_adversary"];

const isTable = (value) =>
  value !== null && typeof value === "object" && !Array.isArray(value) && !(value instanceof Real);

/** A value of a kind at a key, or an error that names the key. */
function take(table, key, kind, where) {
  const value = isTable(table) ? table[key] : undefined;
  if (!KINDS[kind](value)) throw new MalformedError(FILE, `${where}${key} is missing, or no ${kind}`);
  return value;
}

const KINDS = {
  table: isTable,
  list: Array.isArray,
  text: (value) => typeof value === "string",
  "whole number": (value) => typeof value === "bigint",
  count: (value) => typeof value === "bigint" && value >= 0n,
  "count or null": (value) => value === null || (typeof value === "bigint" && value >= 0n),
  "truth value": (value) => typeof value === "boolean",
};

/**
 * @param {*} document From `parseJson`.
 * @throws {MalformedError} It is no decision file, or lacks what money follows from.
 */
export function checkDocument(document) {
  const schema = take(document, "schema", "text", "");
  if (schema !== SCHEMA) throw new MalformedError(FILE, `its schema is ${JSON.stringify(schema)}, not ${SCHEMA}`);
  const budget = take(document, "budget", "table", "");
  take(budget, "amount", "count", "budget.");
  if (take(budget, "digits", "count", "budget.") > 18n) throw new MalformedError(FILE, "budget.digits is above 18");
  take(take(document, "method", "table", ""), "money", "text", "method.");
  take(take(document, "parameters", "table", ""), "effective", "table", "parameters.");
  take(document, "decided_on", "text", "");
  take(document, "unallocated", "whole number", "");
  take(document, "divided", "whole number", "");
  take(document, "certificate", "table", "");
  take(document, "inputs", "table", "");
  take(document, "entries", "list", "").forEach((entry, i) => {
    for (const key of ["kind", "project"]) take(entry, key, "text", `entries[${i}].`);
    for (const key of ["amount", "paid", "open"]) take(entry, key, "whole number", `entries[${i}].`);
  });
  const ids = take(document, "projects", "list", "").map(checkProject);
  if (new Set(ids).size !== ids.length) throw new MalformedError(FILE, "a project stands there twice");
}

/** @returns {string} Its id. */
function checkProject(project, i) {
  const id = take(project, "id", "text", `projects[${i}].`);
  const where = `project ${JSON.stringify(id)}, `;
  for (const key of ["title", "team"]) take(project, key, "text", where);
  take(project, "ask", "count or null", where);
  const verdict = take(project, "verdict", "table", where);
  for (const key of ["label", "probability_of", "expires_on"]) take(verdict, key, "text", `${where}verdict.`);
  for (const key of ["probability", "reopens_after_days"]) take(verdict, key, "count or null", `${where}verdict.`);
  take(verdict, "at_least", "truth value", `${where}verdict.`);
  take(verdict, "waiting", "whole number", `${where}verdict.`);
  for (const key of ["reasons", "safeguards", "waits_for", "gates", "substitutes"]) {
    take(verdict, key, "list", `${where}verdict.`);
  }
  for (const reason of verdict.reasons) take(reason, "code", "text", `${where}verdict.reasons.`);
  for (const one of verdict.safeguards) {
    const returns = take(one, "returns", "table", `${where}verdict.safeguards.`);
    for (const key of ["share", "at_most"]) take(returns, key, "whole number", `${where}verdict.safeguards.returns.`);
  }
  if (verdict.delay !== null) {
    const delay = take(verdict, "delay", "table", `${where}verdict.`);
    for (const key of ["share", "low", "high", "forgone"]) take(delay, key, "count or null", `${where}verdict.delay.`);
  }
  const award = take(project, "award", "table", where);
  for (const key of ["amount", "entries"]) take(award, key, "whole number", `${where}award.`);
  for (const key of ["limited_by", "weight"]) take(award, key, "text", `${where}award.`);
  const share = take(project, "share", "table", where);
  for (const key of ["expected", "low", "high"]) take(share, key, "count", `${where}share.`);
  for (const [name, score] of Object.entries(take(project, "scores", "table", where))) {
    checkScore(name, score, `${where}scores.${name}.`);
  }
  return id;
}

function checkScore(name, score, where) {
  take(score, "above", "count or null", where);
  for (const key of ["judgments", "jurors"]) take(score, key, "count", where);
  for (const [community, chance] of Object.entries(take(score, "communities", "table", where))) {
    if (!KINDS.count(chance)) throw new MalformedError(FILE, `${where}communities.${community} is no count`);
  }
  if (HARMS.includes(name)) {
    take(score, "at_most", "count or null", where);
    if ((score.above === null) !== (score.at_most === null)) {
      throw new MalformedError(FILE, `${where}at_most is not null where above is, or the other way round`);
    }
  } else {
    take(score, "mean", "whole number", where);
    take(score, "sd", "count", where);
  }
}
