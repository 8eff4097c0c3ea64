/**
 * What projects.csv or projects.toml says of projects and technologies beside the decision file: cells, roles, gates
 * and maturity.
 */

import { readCsv } from "./csv.mjs";
import { MalformedError } from "./problem.mjs";
import { Rational, decimalRational, whole } from "./rational.mjs";
import { readProjectsToml } from "./toml.mjs";

/** From the least mature on. */
export const MATURITIES = ["idea", "prototype", "deployed"];

const ROLE_KINDS = ["defends", "makes_safe", "substitutes", "raises"];
const FILE = "projects";

/** Readers by the name of the file; a round has one of the two. */
const READERS = new Map([
  ["projects.csv", (bytes) => readCsv(bytes, "projects.csv")],
  ["projects.toml", readProjectsToml],
]);

/** @param {Map<string, Uint8Array>} files @returns {string | undefined} Name of the file of projects. */
export const projectsFile = (files) => [...READERS.keys()].find((name) => files.has(name));

/**
 * @typedef {{kind: string, target: string}} Role
 * @typedef {{of: string, maturity: string, role: string}} Gate
 * @typedef {{id: string, title: string, team: string, ask: string, cells: Map<string, Rational>, roles: Role[],
 *   waits: Gate[], maturity: string, technology: boolean}} Item
 */

/** Projects and technologies by id, projects first, each in the order of the file. */
export class Portfolio {
  /** @param {Item[]} items */
  constructor(items) {
    this.projects = items.filter((item) => !item.technology);
    this.known = new Map([...this.projects, ...items.filter((item) => item.technology)].map((item) => [item.id, item]));
  }

  /**
   * @param {string} name `projects.csv` or `projects.toml`.
   * @param {Uint8Array} bytes
   * @throws {MalformedError} It cannot be read.
   */
  static of(name, bytes) {
    const rows = READERS.get(name)(bytes);
    if (!rows.every((row) => ONE.every((key) => typeof (row[key] ?? "") === "string"))) {
      throw new MalformedError(FILE, "a list stands where a text is expected");
    }
    const ids = new Set(rows.map((row) => row.id ?? ""));
    if (ids.has("") || ids.size !== rows.length) throw new MalformedError(FILE, "ids are missing, or given twice");
    return new Portfolio(rows.map((row) => item(row, ids)));
  }
}

/** Keys that hold one text; the others may be lists in projects.toml. */
const ONE = ["id", "title", "team", "ask", "maturity", "kind"];

/** The parts of a list, or of a text with semicolons. */
const parts = (said = "") =>
  (Array.isArray(said) ? said : said.split(";")).map((part) => part.trim()).filter((part) => part);

/** @returns {Item} */
function item(row, ids) {
  const gates = parts(row.requires).map((text) => gateOf(text, ids));
  const plain = (gate) => gate.role === "" && gate.maturity === "deployed";
  return {
    id: row.id,
    title: row.title ?? "",
    team: (row.team ?? "").trim(),
    ask: row.ask ?? "",
    cells: cellsOf(row),
    roles: parts(row.roles).map((text) => roleOf(text, ids)),
    // Partners that must be deployed come first, as everywhere that gates are listed.
    waits: [...gates.filter(plain), ...gates.filter((gate) => !plain(gate))],
    maturity: row.maturity ?? "",
    technology: row.kind === "technology",
  };
}

/** Cell → share; a cell without a share is the only one. */
function cellsOf(row) {
  return new Map(
    parts(row.cells).map((text) => {
      const [name, share] = text.split(":").map((part) => part.trim());
      return [name, share === undefined ? whole(1n) : shareOf(share)];
    }),
  );
}

function shareOf(text) {
  const found = /^([0-9]+)\/([1-9][0-9]*)$/.exec(text);
  if (found) return new Rational(BigInt(found[1]), BigInt(found[2]));
  if (!/^(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)$/.test(text)) {
    throw new MalformedError(FILE, `${JSON.stringify(text)} is no share`);
  }
  return decimalRational(text.startsWith(".") ? `0${text}` : text);
}

/** `kind > target`, or `kind > target @ years`; a horizon is no part of what a role points at. */
function roleOf(text, ids) {
  const at = text.indexOf(">");
  const kind = text.slice(0, Math.max(at, 0)).trim();
  const written = text.slice(at + 1).trim();
  if (!ROLE_KINDS.includes(kind) || !written) throw new MalformedError(FILE, `${JSON.stringify(text)} is no role`);
  const mark = [...written.matchAll(/\s@/g)].at(-1)?.index;
  const hasHorizon = mark !== undefined && /^\S+$/.test(written.slice(mark + 2).trim()) && !ids.has(written);
  return { kind, target: hasHorizon ? written.slice(0, mark).trim() : written };
}

/** `lock`, `lock >= prototype` or `defends > leak >= prototype`; without a maturity, deployed is meant. */
function gateOf(text, ids) {
  if (ids.has(text)) return { of: text, maturity: "deployed", role: "" };
  const mark = text.lastIndexOf(">=");
  const partner = (mark < 0 ? text : text.slice(0, mark)).trim();
  const maturity = mark < 0 ? "deployed" : text.slice(mark + 2).trim();
  const arrow = partner.indexOf(">");
  const role = arrow < 0 ? "" : partner.slice(0, arrow).trim();
  const of = partner.slice(arrow + 1).trim();
  if (!of || !MATURITIES.includes(maturity) || (arrow >= 0 && !ROLE_KINDS.includes(role))) {
    throw new MalformedError(FILE, `${JSON.stringify(text)} is no gate`);
  }
  return { of, maturity, role };
}

/**
 * An amount in whole units as minor units.
 *
 * @param {string} text Such as `1250.50`; empty for any amount.
 * @param {bigint} digits Of the minor unit.
 * @returns {bigint | null}
 */
export function amountOf(text, digits) {
  if (!text) return null;
  const found = /^([0-9]+)(?:\.([0-9]+))?$/.exec(text.replace(/(?<=[0-9])_(?=[0-9])/g, ""));
  const places = Number(digits);
  if (!found || (found[2] ?? "").length > places) {
    throw new MalformedError("an amount of the round", `${JSON.stringify(text)} is none`);
  }
  return BigInt(found[1] + (found[2] ?? "").padEnd(places, "0"));
}
