#!/usr/bin/env node
/**
 * Check the integers of a decision file against its own scores and rules.
 *
 *     node verifiers/node/decision/check.mjs DECISION_JSON ROUND_FOLDER [--json]
 *
 * Exit code 0: verdicts and money follow; 1: they do not; 2: what was asked for cannot be read.
 */

import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { MalformedError, parseJson, recompute } from "./recompute.mjs";

const USAGE = "usage: node check.mjs DECISION_JSON ROUND_FOLDER [--json]";

/** @returns {{outcome: import("./report.mjs").Outcome, asJson: boolean}} */
function checked(words) {
  const asJson = words.includes("--json");
  const paths = words.filter((word) => word !== "--json");
  if (paths.length !== 2 || paths.some((path) => path.startsWith("-"))) throw new MalformedError("command", USAGE);
  const [decision, folder] = paths;
  if (!statSync(folder).isDirectory()) throw new MalformedError(folder, "it is no folder");
  const files = new Map();
  for (const name of ["projects.csv", "projects.toml", "entries.csv"]) {
    if (existsSync(join(folder, name))) files.set(name, readFileSync(join(folder, name)));
  }
  return { outcome: recompute(parseJson(readFileSync(decision), decision), files), asJson };
}

function print({ checked: compared, unchecked, problems }) {
  for (const { project, key, said, found } of problems) {
    console.log(`${project === null ? "the round" : project}: ${key} is ${said}, recomputed ${found}`);
  }
  console.log(problems.length ? `${problems.length} differences` : "verdicts and money follow from scores and rules");
  console.log(`compared: ${compared.join(", ")}`);
  for (const { what, why } of unchecked) console.log(`not compared: ${what}: ${why}`);
}

try {
  const { outcome, asJson } = checked(process.argv.slice(2));
  if (asJson) console.log(JSON.stringify(outcome, null, 2));
  else print(outcome);
  process.exitCode = outcome.problems.length ? 1 : 0;
} catch (error) {
  if (!(error instanceof MalformedError) && !error.code) throw error;
  console.error(`error: ${error.message}`);
  process.exitCode = 2;
}
