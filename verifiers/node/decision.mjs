/** Step `decision`: the result in force against what follows from the record, as far as no fit is needed. */

import { existsSync } from "node:fs";
import { sha256, utf8 } from "./bytes.mjs";
import { encode } from "./canonical.mjs";
import { RecordError } from "./errors.mjs";
import { readHead } from "./round-head.mjs";

const RECOMPUTE = new URL("./decision/recompute.mjs", import.meta.url);
const WITH_HARM = /^(?:(?:comparisons|ratings|rankings|roles)\.csv|lists\/.*)$/;

/** A fault of the result, with the entry that it shows in. */
export class ResultError extends RecordError {
  constructor(message, entry) {
    super(message);
    this.entry = entry;
  }
}

/**
 * Check all of a result that needs no engine.
 *
 * @param {import("./round.mjs").Round} round
 * @param {import("./outcome.mjs").Counting} counting With a result.
 * @param {string[]} notes What was not checked is added.
 * @returns {Promise<{document: object | null, message: string}>} The decision file with exact numbers.
 * @throws {ResultError}
 */
export async function checkDecision(round, counting, notes) {
  const { result, filesHash, counted } = counting;
  const refuse = (message, place = result.place) => {
    throw new ResultError(message, place);
  };
  if (!counting.inForce) refuse("the result is not approved by as many stewards as it takes");
  checkEnds(round, counting, refuse);
  const said = result.value.counted;
  if (counted !== said) refuse(`${counted} answers, lists and contributions count, not ${said}`);
  if (filesHash !== result.value.files) refuse("the files that follow are not those that the result names");
  notes.push("the fit, and which rows are void, are not computed here: the record's word is taken for them");
  const data = round.pieces.file(result.value.decision, "decision.json");
  if (!existsSync(RECOMPUTE)) {
    notes.push("decision.json was not read: verifiers/node/decision is not there");
    return { document: null, message: "the files follow; decision.json is there and was not read" };
  }
  const { parseJson, recompute, MalformedError } = await import(RECOMPUTE.href);
  try {
    const document = parseJson(data, "decision.json");
    const { problems, unchecked } = recompute(document, counting.files);
    checkRules(round.manifest, document, parseJson, refuse);
    checkInputs(counting.files, document, refuse);
    checkHead(counting.files, document, notes, refuse);
    checkSecret(round.manifest, counting, document, refuse);
    if (problems.length) {
      const [{ project, key, said, found }] = problems;
      const where = project === null ? key : `${project}, ${key}`;
      refuse(`${problems.length} integers do not follow, the first: ${where} is ${said}, recomputed ${found}`);
    }
    for (const { what, why } of unchecked) {
      if (!/^(?:parameters\.effective|inputs)/.test(what)) notes.push(`decision, not compared: ${what}: ${why}`);
    }
    const byOtherRule = unchecked.some(({ what }) => what.startsWith("projects.award"));
    const recomputed = byOtherRule
      ? "verdicts recomputed; the money rule is not written in JavaScript, so awards are not"
      : `verdicts and ${document.projects.length} awards recomputed`;
    return { document, message: `the files follow; ${recomputed}` };
  } catch (error) {
    if (error instanceof MalformedError) refuse(error.message);
    throw error;
  }
}

/** Every phase ended in the result's tree, and no accepted close behind it proves that more was in time. */
function checkEnds({ manifest, closes }, counting, refuse) {
  for (const phase of manifest.sealed ? ["judging", "reveal"] : ["judging"]) {
    const end = counting.ends[phase];
    if (end === null) refuse(`the end of ${phase} is not proven before the result`);
    const behind = closes.filter(({ entry, phase: of }) => of === phase && entry.place >= counting.inputs);
    const more = behind.find(({ size }) => size > end);
    if (more === undefined) continue;
    const { place } = more.entry;
    refuse(`entry ${place} proves that ${more.size} entries were in time for ${phase}, not ${end}`, place);
  }
}

/** The rules that the decision was made by are those of the manifest, each parameter and no other. */
function checkRules({ value }, document, parseJson, refuse) {
  const effective = document.parameters?.effective ?? {};
  for (const name of new Set([...Object.keys(effective), ...Object.keys(value.rules)])) {
    const said = name in value.rules ? parseJson(value.rules[name], `the manifest's rule ${name}`) : undefined;
    if (!(name in effective) || said === undefined || plain(effective[name]) !== plain(said)) {
      refuse(`the manifest and the decision say ${name} otherwise`);
    }
  }
}

/** A value as text, numbers as they are written. */
function plain(value) {
  return JSON.stringify(value, (_, part) => {
    if (typeof part === "bigint") return ["whole", String(part)];
    return part !== null && typeof part === "object" && typeof part.text === "string" ? ["real", part.text] : part;
  });
}

/** Files that the decision names are those that follow; of tables with answers on harm it names the public part. */
function checkInputs(files, document, refuse) {
  for (const [name, digest] of Object.entries(document.inputs ?? {})) {
    const data = files.get(name);
    if (data === undefined) refuse(`the decision was made from ${name}, which does not follow from the record`);
    const same = sha256(data).toString("hex") === digest;
    if (!same && !WITH_HARM.test(name)) refuse(`the decision was made from another ${name}`);
  }
}

/** Seed and budget are those of round.toml. */
function checkHead(files, { seed, budget }, notes, refuse) {
  const { seed: start, ...pot } = readHead(utf8(files.get("round.toml"), "round.toml"));
  const said = { seed, amount: budget?.amount, currency: budget?.currency, digits: budget?.digits };
  for (const [name, value] of Object.entries({ seed: start, ...pot })) {
    if (value === undefined || value === said[name]) continue;
    refuse(`round.toml has the ${name} ${value}, the decision ${said[name]}`);
  }
  const missing = ["amount", "currency", "digits"].filter((name) => pot[name] === undefined);
  if (start === undefined) missing.push("seed");
  if (missing.length) notes.push(`decision, not compared with round.toml: ${missing.join(", ")}`);
}

/** What follows from secret answers is what the trustees attest. */
function checkSecret({ secret }, { attestation, secret: commits }, document, refuse) {
  if (secret.size === 0) return;
  const scores = Object.create(null);
  for (const { id, scores: of } of document.projects) {
    const hidden = Object.entries(of ?? {}).filter(([criterion]) => secret.has(criterion));
    if (hidden.length) scores[id] = Object.fromEntries(hidden);
  }
  if (attestation === null) {
    if (Object.keys(scores).length || commits.length) refuse("no trustees attest what follows from secret answers");
    return;
  }
  if (document.graph === undefined) refuse("the decision has no graph");
  const parts = numbers({ graph: document.graph, scores });
  if (sha256(encode(parts)).toString("hex") !== attestation.value.secret) {
    refuse("what the trustees attest is not what the decision says", attestation.place);
  }
}

/** The same value with plain numbers, as canonical JSON has them. */
function numbers(value) {
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(numbers);
  if (value === null || typeof value !== "object") return value;
  const isFraction = Object.getPrototypeOf(value) !== null && typeof value.text === "string";
  if (isFraction) throw new RecordError("a fraction follows from secret answers");
  const out = Object.create(null);
  for (const [key, part] of Object.entries(value)) out[key] = numbers(part);
  return out;
}
