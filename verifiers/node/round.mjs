/** A round while its log is read: each kind of entry admitted or refused, and kept for counting. */

import { openCheckpoint } from "./checkpoint.mjs";
import { encode } from "./canonical.mjs";
import { publicKey } from "./ed25519.mjs";
import { RecordError } from "./errors.mjs";
import { checkShare, commitmentOf, parseCommit } from "./escrow.mjs";
import { modelRows } from "./files.mjs";
import { People } from "./people.mjs";
import { TABLES, checkAnswer } from "./tables.mjs";

const NEEDS = { void: "entries", "remove-issuer": "issuer", entry: "row" };

/**
 * An entry of the round.
 *
 * @typedef {object} Entry
 * @property {number} place In the log; of one that a complaint brought in, the complaint's.
 * @property {string} hash Entry hash.
 * @property {string | null} complaint Hash of the complaint that brought it in.
 * @property {boolean | null} promised Whether it was promised in time; null if it stands in the log itself.
 * @property {object} value Payload.
 * @property {import("./envelope.mjs").Envelope} envelope
 */

/** The round. Each method named like a kind of entries admits one, or throws a RecordError. */
export class Round {
  /** @type {Entry[]} */
  bindings = [];
  answers = [];
  commits = new Map();
  lists = [];
  given = [];
  closes = [];
  interventions = [];
  attestations = [];
  results = new Map();
  /** Hashes of results in the order in which they came into force. */
  inForce = [];
  over = new Set();
  #approved = new Map();
  #listSeq = new Map();

  /**
   * @param {import("./manifest.mjs").Manifest} manifest
   * @param {import("./signing.mjs").Keys} keys
   * @param {import("./pieces.mjs").Pieces} pieces
   * @param {import("./merkle.mjs").Tree} tree
   */
  constructor(manifest, keys, pieces, tree) {
    this.manifest = manifest;
    this.keys = keys;
    this.pieces = pieces;
    this.tree = tree;
    this.people = new People(manifest);
  }

  binding(entry) {
    const { issuer: id, juror, key: hex } = entry.value;
    const issuer = this.manifest.issuers.get(id);
    if (issuer === undefined) throw new RecordError(`${JSON.stringify(id)} is no issuer of the round`);
    const key = publicKey(hex, `the key of ${juror}`);
    if (key === issuer) throw new RecordError("the issuer's key is nobody else's");
    this.keys.exactly(entry.envelope, issuer, key);
    this.people.bind(entry.value, key, entry);
    this.bindings.push(entry);
  }

  rekey({ value, envelope }) {
    const person = this.people.bound(value.juror);
    const key = publicKey(value.key, `the new key of ${value.juror}`);
    this.keys.exactly(envelope, person.key, key);
    this.people.rekey(person, key);
  }

  judgment(entry) {
    const { value, envelope } = entry;
    if (this.manifest.sealed) throw new RecordError("ballots are sealed, and this one is not");
    const person = this.people.answering(value.juror, checkAnswer(this.manifest, value));
    this.keys.exactly(envelope, person.key);
    person.use(value.seq);
    this.answers.push({ entry, ...answerOf(value) });
  }

  commit(entry) {
    const { value, envelope } = entry;
    const { sealing, sealed, secret } = this.manifest;
    if (sealing === null || (value.secret ? secret.size === 0 : !sealed)) throw new RecordError("nothing is sealed so");
    const person = this.people.bound(value.juror);
    const parts = parseCommit(value, sealing);
    this.keys.exactly(envelope, person.key);
    person.use(value.seq);
    this.commits.set(entry.hash, { entry, parts, reveals: [], shares: [] });
  }

  /** A commit that may be opened now. */
  #opening(hash) {
    const commit = this.commits.get(hash);
    if (commit === undefined) throw new RecordError(`there is no commit ${hash} before it`);
    if (commit.entry.value.secret) throw new RecordError(`the commit ${hash} is secret`);
    if (!this.over.has("judging")) throw new RecordError("judging is not over");
    return commit;
  }

  reveal(entry) {
    const { value, envelope } = entry;
    const commit = this.#opening(value.commit);
    const person = this.people.bound(value.juror);
    if (commit.entry.value.juror !== person.id) throw new RecordError("the commit is another's");
    const { commit: _, ...opening } = value;
    const bytes = Buffer.from(encode(opening));
    if (!commitmentOf(bytes).equals(commit.parts.c)) throw new RecordError("it does not hash to the commitment");
    if (value.seq !== commit.entry.value.seq) throw new RecordError("its number is not that of the commit");
    this.people.answering(value.juror, checkAnswer(this.manifest, value));
    this.keys.exactly(envelope, person.key);
    commit.reveals.push({ entry, opening: bytes });
  }

  share(entry) {
    const { value, envelope } = entry;
    const trustees = new Map([...this.keys.root.keysOf("trustee")].filter(([id]) => {
      return this.manifest.sealing?.trustees.has(id);
    }));
    const signers = envelope.signers(trustees);
    if (signers.size !== 1) throw new RecordError("one trustee signs shares");
    const { shares } = value;
    if (shares.some((one, i) => i > 0 && shares[i - 1].commit >= one.commit)) throw new RecordError("shares are unsorted");
    const given = shares.map(({ commit: hash, index, share }) => {
      const commit = this.#opening(hash);
      checkShare(commit.parts, index, share);
      if (!signers.has(commit.parts.shares[index - 1].trustee)) throw new RecordError("a share is another trustee's");
      return { commit, index, share };
    });
    for (const { commit, index, share } of given) commit.shares.push({ entry, index, share });
  }

  list(entry) {
    const { value, envelope } = entry;
    const model = this.manifest.models.get(value.model);
    const who = JSON.stringify(value.model);
    if (model === undefined) throw new RecordError(`${who} is no model of the round`);
    if (value.prompt !== model.prompt) throw new RecordError(`${who} had another prompt`);
    if (this.manifest.unsigned.has(`${value.table}.csv`)) throw new RecordError(`${value.table}.csv is unsigned`);
    const data = this.pieces.file(value, `the answers of ${who}`);
    const table = TABLES.get(value.table);
    const rows = table === undefined ? null : modelRows(table, value.model, data);
    this.keys.exactly(envelope, model.key);
    const before = this.#listSeq.get(value.model) ?? -1;
    if (value.seq <= before) throw new RecordError(`number ${value.seq} does not follow number ${before}`);
    this.#listSeq.set(value.model, value.seq);
    this.lists.push({ entry, model: value.model, table: value.table, data, rows });
  }

  contribution(entry) {
    const { value, envelope } = entry;
    if (this.manifest.unsigned.has("contributions.csv")) throw new RecordError("contributions.csv is unsigned");
    const donor = this.people.bound(value.donor);
    if (donor.judges) throw new RecordError("who judges does not give under the same id");
    const operators = this.keys.root.keysOf("operator");
    const mine = envelope.signatures.filter(({ key }) => operators.has(key) && key !== donor.key.id);
    if (mine.length !== 1) throw new RecordError("the donor and one operator sign");
    this.keys.exactly(envelope, donor.key, operators.get(mine[0].key));
    donor.use(value.seq);
    this.given.push(entry);
  }

  close(entry) {
    const { value, envelope, place } = entry;
    this.keys.somebody(envelope, this.people);
    const deadline = this.manifest.deadline(value.phase);
    if (deadline === null) throw new RecordError(`there is no phase ${value.phase}`);
    const checkpoint = openCheckpoint(Buffer.from(value.checkpoint));
    const { logs } = this.keys;
    if (checkpoint.origin !== this.manifest.origin) throw new RecordError("its checkpoint is of another log");
    const signed = logs.map((key) => checkpoint.note.isSignedBy(key));
    if (!signed.includes(true)) throw new RecordError("the log did not sign it");
    const { policy } = this.manifest;
    const times = policy.times(checkpoint.note);
    if (checkpoint.size > BigInt(place)) throw new RecordError("its checkpoint is larger than the log before it");
    const size = Number(checkpoint.size);
    if (!this.tree.root(size).equals(checkpoint.root)) throw new RecordError("its checkpoint is of another tree");
    const time = policy.quorumTime(times);
    if (policy.asksNobody || (time !== null && time <= deadline)) {
      const ends = policy.asksNobody || time >= deadline - BigInt(this.manifest.value.deadlines.grace);
      this.closes.push({ entry, phase: value.phase, size, ends });
    }
    if (policy.asksNobody || (time !== null && time > deadline)) this.over.add(value.phase);
  }

  intervention(entry) {
    const { value, envelope } = entry;
    const needed = NEEDS[value.action];
    if (Object.values(NEEDS).some((name) => (value[name] !== null) !== (name === needed))) {
      throw new RecordError(`${value.action} needs ${needed}, and null for the others`);
    }
    if (value.issuer !== null && !this.manifest.issuers.has(value.issuer)) throw new RecordError("no such issuer");
    this.keys.role(envelope, "steward");
    const known = this.interventions.some((other) => other.envelope.payload.equals(envelope.payload));
    if (!known) this.interventions.push(entry);
  }

  attestation(entry) {
    if (this.manifest.secret.size === 0) throw new RecordError("nothing in the round is secret");
    this.keys.role(entry.envelope, "trustee");
    this.attestations.push(entry);
  }

  result(entry) {
    const { value, envelope, place, hash } = entry;
    this.keys.role(envelope, "operator", 1, 1);
    const { size, root } = value.tree;
    if (size > place || this.tree.root(size).toString("hex") !== root) throw new RecordError("its tree is not the log's");
    this.pieces.file(value.decision, "decision.json");
    if (value.payout !== null) this.pieces.file(value.payout, "payouts.json");
    this.results.set(hash, entry);
  }

  approval({ value, envelope }) {
    const { result } = value;
    if (!this.results.has(result)) throw new RecordError("there is no such result before it");
    const approved = this.#approved.get(result) ?? new Set();
    for (const id of this.keys.role(envelope, "steward", 1)) approved.add(id);
    this.#approved.set(result, approved);
    const stewards = this.keys.root.keysOf("steward");
    if ([...approved].filter((id) => stewards.has(id)).length < this.keys.root.threshold("steward")) return;
    this.inForce = [...this.inForce.filter((one) => one !== result), result];
  }

  revocation({ value, envelope, place }) {
    const { issuers, models } = this.manifest;
    const keys = [...issuers.values(), ...[...models.values()].map(({ key }) => key)];
    const key = keys.find(({ id }) => id === value.key) ?? this.people.owner(value.key)?.key;
    if (key === undefined) throw new RecordError(`${value.key} is no key of an issuer, a model or a juror`);
    this.keys.exactly(envelope, key);
    this.keys.revoked.set(value.key, place);
  }
}

/** What an answer says, and the key under which the last one counts. */
export function answerOf({ juror, table, subject, rows }) {
  return { juror, table, subject, rows, key: JSON.stringify([juror, table, ...Object.values(subject)]) };
}
