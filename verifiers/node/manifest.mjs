/** The manifest of a round: whether its parts fit together, and what they mean. */

import { utf8 } from "./bytes.mjs";
import { readRows } from "./csv.mjs";
import { publicKey } from "./ed25519.mjs";
import { RecordError } from "./errors.mjs";
import { isUsable } from "./escrow.mjs";
import { parsePolicy } from "./policy.mjs";
import { SIGNED_FILES } from "./tables.mjs";

const NEEDED = ["round.toml", "judges.csv"];

/**
 * A manifest as the round is judged by.
 *
 * @typedef {object} Manifest
 * @property {string} hash Entry hash.
 * @property {string} round
 * @property {string} origin
 * @property {object} value The payload.
 * @property {Set<string>} unsigned
 * @property {Set<string>} secret
 * @property {Map<string, {key: import("./ed25519.mjs").PublicKey, prompt: string}>} models
 * @property {Map<string, import("./ed25519.mjs").PublicKey>} issuers
 * @property {import("./policy.mjs").Policy} policy
 * @property {boolean} sealed Whether ballots are.
 * @property {{threshold: number, trustees: Map<string, Buffer>} | null} sealing Trustees in the order of their ids.
 * @property {Set<string>} persons Of judges.csv.
 * @property {(phase: string) => bigint | null} deadline Of a phase, with the grace; null if there is no such phase.
 */

/**
 * Read a manifest whose payload has the right shape.
 *
 * @param {object} value
 * @param {string} hash Entry hash.
 * @param {import("./pieces.mjs").Pieces} pieces Its files stand there.
 * @returns {Manifest}
 */
export function parseManifest(value, hash, pieces) {
  const unsigned = new Set(value.unsigned);
  checkFiles(value.files, unsigned);
  for (const [name, file] of Object.entries(value.files)) pieces.file(file, name);
  const policy = parsePolicy(Buffer.from(value.witnesses));
  if (policy.logs.length) throw new RecordError("the manifest's policy names a log");
  const sealed = value.ballots === "sealed";
  const { judging, reveal, grace } = value.deadlines;
  const seals = sealed || value.secret.length > 0;
  if (seals && value.sealed === null) throw new RecordError("answers are sealed without trustees");
  if (sealed !== (reveal !== null)) throw new RecordError("a deadline for reveals belongs to sealed ballots");
  if (sealed && reveal <= judging) throw new RecordError("reveals end before judging does");
  const issuers = keys(value.issuers, (key) => key);
  if (value.bindings > issuers.size) throw new RecordError("more bindings are asked for than there are issuers");
  const judges = readJudges(pieces.file(value.files["judges.csv"], "judges.csv"));
  const models = new Map([...keys(value.models, ({ key }) => key)].map(([id, key]) => {
    return [id, { key, prompt: value.models[id].prompt }];
  }));
  if (judges.models.size !== models.size || [...models.keys()].some((id) => !judges.models.has(id))) {
    throw new RecordError("the manifest's models are not those of judges.csv");
  }
  return {
    hash,
    value,
    round: value.round,
    origin: value.origin,
    unsigned,
    secret: new Set(value.secret),
    models,
    issuers,
    policy,
    sealed,
    sealing: parseSealing(value.sealed),
    persons: judges.persons,
    deadline(phase) {
      const end = phase === "judging" ? judging : reveal;
      return end === null ? null : BigInt(end) + BigInt(grace);
    },
  };
}

const keys = (table, keyOf) =>
  new Map(Object.keys(table).sort().map((id) => [id, publicKey(keyOf(table[id]), `the manifest's key of ${id}`)]));

function checkFiles(files, unsigned) {
  for (const name of Object.keys(files)) {
    if (SIGNED_FILES.includes(name) && !unsigned.has(name)) throw new RecordError(`${name} is made of signed answers`);
    if (name.startsWith("lists/")) throw new RecordError(`${name} belongs to an entry of its model`);
  }
  for (const name of unsigned) {
    if (!(name in files)) throw new RecordError(`${name} is called unsigned and is not there`);
    if (!SIGNED_FILES.includes(name)) throw new RecordError(`${name} is called unsigned and nobody would sign it`);
  }
  for (const name of NEEDED) if (!(name in files)) throw new RecordError(`the manifest lacks ${name}`);
}

function parseSealing(value) {
  if (value === null) return null;
  const trustees = new Map(Object.keys(value.trustees).sort().map((id) => [id, Buffer.from(value.trustees[id], "hex")]));
  if (value.threshold > trustees.size || trustees.size > 255) {
    throw new RecordError("the threshold of trustees lies from 1 to their number, at most 255");
  }
  for (const [id, key] of trustees) {
    if (!isUsable(key)) throw new RecordError(`the X25519 key of ${id} is of small order`);
  }
  return { threshold: value.threshold, trustees };
}

/** Ids of persons and models in judges.csv. */
function readJudges(bytes) {
  const [header = [], ...rows] = readRows(utf8(bytes, "judges.csv").replace(/^\ufeff/, ""), "judges.csv");
  const columns = header.map((name) => name.trim());
  const [id, kind] = [columns.indexOf("id"), columns.indexOf("kind")];
  if (id < 0 || kind < 0) throw new RecordError("judges.csv has no columns id and kind");
  const found = { person: new Set(), model: new Set() };
  for (const row of rows) {
    const of = row[kind]?.trim() ?? "";
    if (row.length !== columns.length || !Object.hasOwn(found, of)) {
      throw new RecordError("judges.csv: a row of another width than the header, or of neither person nor model");
    }
    found[of].add(row[id].trim());
  }
  return { persons: found.person, models: found.model };
}
