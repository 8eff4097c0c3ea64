/** The files of the round folder that a record comes to. */

import { sha256, utf8 } from "./bytes.mjs";
import { encode } from "./canonical.mjs";
import { readRows, writeRow } from "./csv.mjs";
import { RecordError } from "./errors.mjs";
import { TABLES } from "./tables.mjs";

const ENTRIES = ["kind", "project", "amount", "reason", "by"];
const GIVEN = ["donor", "project", "amount"];
const withoutMark = (text) => text.replace(/^\ufeff/, "");

/**
 * Rows of a model's file for a table.
 *
 * @param {import("./tables.mjs").TABLES extends Map<string, infer T> ? T : never} table
 * @param {string} model Id.
 * @param {Buffer} data
 * @returns {Map<string, string>[]} Column → cell.
 */
export function modelRows(table, model, data) {
  const what = `the answers of ${model}`;
  const [header = [], ...rows] = readRows(withoutMark(utf8(data, what)), what);
  const names = header.map((name) => name.trim());
  const own = new Set(names);
  if (!own.has(table.who) || own.size !== names.length || names.some((name) => !table.columns.includes(name))) {
    throw new RecordError(`${what}: its columns are not those of the table`);
  }
  return rows.map((cells) => {
    if (cells.length !== names.length) throw new RecordError(`${what}: a row has another width than the header`);
    const row = new Map(names.map((name, i) => [name, cells[i]]));
    if (row.get(table.who).trim() !== model) throw new RecordError(`${what}: a row is another judge's`);
    if (cells.some((cell) => /[\r\n]/.test(cell))) throw new RecordError(`${what}: a cell has a line end in it`);
    return row;
  });
}

/** A table; columns behind the first ones that always stand are left out if no row fills them. */
function writeTable(columns, always, rows) {
  const filled = new Set(rows.flatMap((row) => [...row].filter(([, cell]) => cell !== "").map(([name]) => name)));
  const names = columns.filter((name, i) => i < always || filled.has(name));
  const lines = rows.map((row) => writeRow(names.map((name) => row.get(name) ?? "")));
  return Buffer.from([writeRow(names), ...lines].join(""));
}

/** A file with lines added under its own header. */
function withRows(file, columns, rows, what) {
  if (file === undefined) {
    return Buffer.from([columns, ...rows.map((row) => columns.map((name) => row[name]))].map(writeRow).join(""));
  }
  const text = utf8(file, what);
  const header = (readRows(withoutMark(text), what)[0] ?? []).map((name) => name.trim());
  const lines = rows.map((row) => writeRow(header.map((name) => row[name] ?? "")));
  return Buffer.from([text, text.endsWith("\n") ? "" : "\n", ...lines].join(""));
}

/** Name of a model's list: bytes of the id that are not plain ASCII are percent-encoded, and so is a dot in front. */
export function listFile(model) {
  const spell = (byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  const parts = [...Buffer.from(model)].map((byte, i) => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z0-9_~-]/.test(character) || (character === "." && i > 0) ? character : spell(byte);
  });
  return `lists/${parts.join("")}.csv`;
}

/**
 * All files.
 *
 * @param {import("./round.mjs").Round} round
 * @param {import("./outcome.mjs").Counting} counting What counts.
 * @returns {Map<string, Buffer>}
 */
export function replayedFiles({ manifest, pieces }, { answers, lists, given, enrolled, rows: added }) {
  const files = new Map(Object.entries(manifest.value.files).map(([name, file]) => [name, pieces.file(file, name)]));
  for (const [name, table] of TABLES) {
    const own = answers.filter((one) => one.table === name).flatMap(({ juror, subject, rows }) =>
      rows.map((row) => new Map([[table.who, juror], ...Object.entries(subject), ...Object.entries(row)])),
    );
    const all = [...own, ...lists.filter((one) => one.table === name).flatMap(({ rows }) => rows)];
    if (all.length) files.set(`${name}.csv`, writeTable(table.columns, 1 + table.subject.length, all));
  }
  for (const { table, model, data } of lists) if (table === "lists") files.set(listFile(model), data);
  if (given.length) {
    const rows = given.map(({ value }) => new Map(GIVEN.map((name) => [name, value[name]])));
    files.set("contributions.csv", writeTable(GIVEN, GIVEN.length, rows));
  }
  if (enrolled.length) {
    const rows = enrolled.map(({ id, enrolled: said }) => ({ __proto__: null, id, kind: "person", ...said }));
    files.set("judges.csv", withRows(files.get("judges.csv"), [], rows, "judges.csv"));
  }
  if (added.length) files.set("entries.csv", withRows(files.get("entries.csv"), ENTRIES, added, "entries.csv"));
  return files;
}

/** SHA-256 of the canonical JSON of name → SHA-256. */
export function filesHash(files) {
  const digests = Object.create(null);
  for (const [name, data] of files) digests[name] = sha256(data).toString("hex");
  return sha256(encode(digests)).toString("hex");
}
