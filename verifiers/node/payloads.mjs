/** Kinds of entries, and the keys that the payload of each has. */

import { RecordError } from "./errors.mjs";
import { base64, hex, line, list, mapping, oneOf, orNull, shape, sorted, text, truth, whole } from "./shapes.mjs";
import { LISTED } from "./tables.mjs";

const TYPE = /^application\/vnd\.daccord\.([a-z]+)\.v1\+json$/;
const HASH = hex(32);
const ID = line(1, 200);
const ROUND = (value) => (typeof value === "string" && /^[a-z0-9-]{1,64}$/.test(value) ? "" : "is no id of a round");
const FILE = shape({ sha256: HASH, size: whole() });
const ANSWER = { seq: whole(), table: text(1, 32), subject: mapping(text()), rows: list(mapping(text())) };
const WITHOUT_MANIFEST = ["piece", "manifest", "promise"];

const KEYS = {
  piece: { of: HASH, index: whole(), text: text() },
  manifest: {
    engine: shape({ name: text(1), version: text(1), source: HASH, wheel: orNull(HASH) }),
    files: mapping(FILE),
    unsigned: sorted(text(1)),
    rules: mapping(text(1)),
    models: mapping(shape({ key: HASH, model: text(1), prompt: HASH }), ID),
    issuers: mapping(HASH, ID),
    bindings: whole(1),
    enrolment: oneOf("listed", "open"),
    sealed: orNull(shape({ threshold: whole(1), trustees: mapping(HASH, HASH) })),
    ballots: oneOf("open", "sealed"),
    secret: sorted(text(1)),
    deadlines: shape({ judging: whole(), reveal: orNull(whole()), grace: whole() }),
    witnesses: text(),
  },
  binding: {
    issuer: ID,
    juror: ID,
    key: HASH,
    nullifier: HASH,
    statement: HASH,
    person: orNull(shape({ community: line(), conflicts: line() })),
  },
  rekey: { juror: ID, key: HASH },
  judgment: { juror: ID, ...ANSWER },
  commit: {
    juror: ID,
    seq: whole(),
    secret: truth,
    commitment: HASH,
    ciphertext: base64,
    shares: list(shape({ trustee: HASH, index: whole(1), hash: HASH, sealed: base64 }), 255),
  },
  reveal: { juror: ID, commit: HASH, salt: HASH, ...ANSWER },
  share: { shares: list(shape({ commit: HASH, index: whole(1), share: hex() })) },
  list: { model: ID, seq: whole(), prompt: HASH, table: oneOf(...LISTED), sha256: HASH, size: whole() },
  contribution: { donor: ID, seq: whole(), project: line(1), amount: line(1) },
  close: { phase: oneOf("judging", "reveal"), checkpoint: text(1) },
  intervention: {
    action: oneOf("void", "remove-issuer", "entry"),
    entries: orNull(sorted(HASH)),
    issuer: orNull(ID),
    row: orNull(shape({ kind: line(), project: line(), amount: line(), reason: line(), by: line() })),
    reason: text(1),
  },
  complaint: { promise: base64, leaf: base64 },
  attestation: { commits: sorted(HASH), secret: HASH },
  result: {
    tree: shape({ root: HASH, size: whole() }),
    files: HASH,
    decision: FILE,
    payout: orNull(shape({ root: HASH, sha256: HASH, size: whole() })),
    counted: whole(),
    void: sorted(HASH),
  },
  approval: { result: HASH },
  revocation: { key: HASH, reason: text(1) },
  promise: { leaf: HASH, received: whole(), due: whole() },
};

const SHAPES = new Map(
  Object.entries(KEYS).map(([kind, keys]) => {
    const manifest = WITHOUT_MANIFEST.includes(kind) ? {} : { manifest: HASH };
    return [kind, shape({ origin: text(1), round: ROUND, ...manifest, ...keys })];
  }),
);

/**
 * Kind of an envelope.
 *
 * @param {import("./envelope.mjs").Envelope} envelope
 * @returns {string}
 */
export function kindOf({ type }) {
  const kind = TYPE.exec(type)?.[1];
  if (kind !== "root" && !SHAPES.has(kind)) throw new RecordError(`the type ${JSON.stringify(type)} is unknown`);
  return kind;
}

/**
 * The payload of an entry of any kind but `root`.
 *
 * @param {string} kind
 * @param {import("./envelope.mjs").Envelope} envelope
 * @returns {object} With exactly the keys of its kind.
 */
export function parsePayload(kind, envelope) {
  const value = envelope.value();
  const fault = SHAPES.get(kind)(value);
  if (fault) throw new RecordError(`the ${kind} ${fault}`);
  return value;
}
