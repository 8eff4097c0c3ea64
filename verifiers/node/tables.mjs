/** Tables of signed answers: their columns, and what an answer may be. */

import { byBytes } from "./bytes.mjs";
import { RecordError } from "./errors.mjs";
import { hasExactly, isObject } from "./shapes.mjs";

const MOST_ROWS = 1_000;
const TIMES = ["time", "revealed"];
const isCell = (value) => typeof value === "string" && !/[\r\n]/.test(value);

const table = (who, subject, answer, most) => ({ who, subject, answer, most, columns: [who, ...subject, ...answer] });

/** @type {Map<string, {who: string, subject: string[], answer: string[], most: number, columns: string[]}>} */
export const TABLES = new Map([
  ["comparisons", table("juror", ["criterion", "a", "b"], ["winner", "ratio", ...TIMES], 1)],
  ["ratings", table("juror", ["criterion", "project"], ["value", "low", "high", ...TIMES], 1)],
  ["rankings", table("juror", ["criterion", "ranking"], ["project", "place", "time"], MOST_ROWS)],
  [
    "roles",
    table(
      "juror",
      ["project", "kind", "target", "horizon"],
      ["efficacy_low", "efficacy_high", "lead_low", "lead_high", "skip", "time"],
      1,
    ),
  ],
  ["values", table("juror", ["project"], ["amount", "value"], MOST_ROWS)],
  ["ballots", table("voter", [], ["project", "points", "amount"], MOST_ROWS)],
  ["metric-weights", table("voter", ["metric"], ["weight"], MOST_ROWS)],
]);

/** Tables to which a model answers by a file. */
export const LISTED = ["lists", "comparisons", "ratings", "roles"];

/** Files of a round folder that signed answers make. */
export const SIGNED_FILES = [...TABLES.keys(), "contributions"].map((name) => `${name}.csv`);

/**
 * Check that an answer may stand in the clear.
 *
 * @param {{unsigned: Set<string>, secret: Set<string>}} manifest
 * @param {{table: string, subject: object, rows: object[]}} answer
 * @returns What is known of its table.
 * @throws {RecordError} It is none, or is about something secret.
 */
export function checkAnswer(manifest, { table: name, subject, rows }) {
  const known = TABLES.get(name);
  if (known === undefined) throw new RecordError(`there is no table ${JSON.stringify(name)} of signed answers`);
  if (manifest.unsigned.has(`${name}.csv`)) throw new RecordError(`${name}.csv is taken over unsigned`);
  if (!hasExactly(subject, known.subject) || !Object.values(subject).every(isCell)) {
    throw new RecordError(`a subject in ${name} has the texts ${known.subject.join(", ") || "(none)"}, on one line each`);
  }
  if (name === "comparisons" && byBytes(subject.a, subject.b) >= 0) throw new RecordError("a stands before b");
  if (!Array.isArray(rows) || rows.length > known.most) throw new RecordError(`${name} has at most ${known.most} rows`);
  for (const row of rows) {
    const fits = isObject(row) && Object.entries(row).every(([key, cell]) => known.answer.includes(key) && isCell(cell));
    if (!fits) throw new RecordError(`a row in ${name} has other keys, or a value that is no text on one line`);
  }
  if (manifest.secret.size === 0) return known;
  if (manifest.secret.has(subject.criterion)) throw new RecordError(`answers on ${subject.criterion} are secret`);
  if (name === "roles" && subject.kind === "raises") throw new RecordError("answers on what raises a risk are secret");
  return known;
}
