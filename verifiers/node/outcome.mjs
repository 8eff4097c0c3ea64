/** What a round comes to: which result, where its phases end, and what counts in time. */

import { byBytes } from "./bytes.mjs";
import { RecordError } from "./errors.mjs";
import { checkOpening, recover } from "./escrow.mjs";
import { filesHash, replayedFiles } from "./files.mjs";
import { answerOf } from "./round.mjs";
import { checkAnswer } from "./tables.mjs";

/** Hashes that interventions void, wherever they stand. */
export function voidedBy(interventions) {
  return new Set(interventions.flatMap(({ value }) => value.entries ?? []));
}

/** The result that counts: the last one in force, else the last one that waits for approval. */
function resultOf(round) {
  const voided = voidedBy(round.interventions);
  const force = round.inForce.filter((hash) => !voided.has(hash));
  if (force.length) return { result: round.results.get(force.at(-1)), inForce: true };
  const waiting = [...round.results.values()].filter(({ hash }) => !voided.has(hash));
  return { result: waiting.at(-1) ?? null, inForce: false };
}

/** What counts, given the result. */
export class Counting {
  /**
   * @param {import("./round.mjs").Round} round
   * @param {number} size Of the log.
   */
  constructor(round, size) {
    this.round = round;
    const { result, inForce } = resultOf(round);
    this.result = result;
    this.inForce = inForce;
    this.inputs = result?.value.tree.size ?? size;
    this.interventions = round.interventions.filter(({ place }) => place < this.inputs);
    this.voided = voidedBy(this.interventions);
    this.leftOut = new Set(this.voided);
    for (const hash of result?.value.void ?? []) this.leftOut.add(hash);
    this.ends = { judging: this.#end("judging"), reveal: this.#end("reveal") };
    this.eligible = this.#eligible();
    this.enrolled = [...this.eligible.values()].filter(({ enrolled }) => enrolled !== null);
    this.#answers();
    this.#lists();
    this.given = round.given.filter((entry) => this.eligible.has(entry.value.donor) && this.isInTime(entry));
    this.rows = this.interventions.filter(({ value }) => value.row !== null).map(({ value }) => value.row);
    this.attestation = round.attestations.filter((entry) => this.isThere(entry)).at(-1) ?? null;
    this.late = this.#late();
    this.files = replayedFiles(round, this);
    this.filesHash = filesHash(this.files);
  }

  /** Answers, lists and contributions that count. */
  get counted() {
    return this.answers.length + this.lists.length + this.given.length;
  }

  /** Whether an entry is an input that nobody voided. */
  isThere({ place, hash, complaint }) {
    return place < this.inputs && !this.leftOut.has(hash) && !this.leftOut.has(complaint);
  }

  /** Whether an entry is there and came in time. */
  isInTime(entry, phase = "judging") {
    return this.isThere(entry) && this.#isBeforeEnd(entry, phase);
  }

  #isBeforeEnd(entry, phase = "judging") {
    const end = this.ends[phase];
    return end === null || entry.place < end || entry.promised === true;
  }

  /** Whether trustees have to attest a secret commit: also if what it holds is void, which only they can see. */
  #isToAttest(entry) {
    const { place, hash, complaint } = entry;
    return place < this.inputs && !this.voided.has(hash) && !this.voided.has(complaint) && this.#isBeforeEnd(entry);
  }

  /** Largest size that is proven for a phase; null if none of the checkpoints is of its deadline or later. */
  #end(phase) {
    const closes = this.round.closes.filter((one) => one.phase === phase && this.isThere(one.entry));
    return closes.some(({ ends }) => ends) ? closes.map(({ size }) => size).reduce((a, b) => Math.max(a, b)) : null;
  }

  /** Id → those whom enough issuers bound in time, in the order of the first binding that counts. */
  #eligible() {
    const removed = new Set(this.interventions.map(({ value }) => value.issuer));
    const inTime = this.round.bindings.filter((entry) => this.isInTime(entry));
    const places = new Map(inTime.map(({ hash, place }) => [hash, place]));
    const found = [];
    for (const [id, person] of this.round.people.all) {
      const counting = person.bindings.filter(({ hash, issuer }) => places.has(hash) && !removed.has(issuer));
      if (counting.length >= this.round.manifest.value.bindings) found.push([places.get(counting[0].hash), id, person]);
    }
    return new Map(found.sort(([a], [b]) => a - b).map(([, id, person]) => [id, person]));
  }

  /** The answer under a seal: revealed in time, or else by shares; null if it is not opened or not sound. */
  #opened({ entry, parts, reveals, shares }) {
    const { manifest, people } = this.round;
    const { juror, origin, round, manifest: hash, seq } = entry.value;
    const context = { juror, origin, round, manifest: hash, seq };
    const reveal = reveals.find((one) => this.isInTime(one.entry, "reveal"));
    try {
      if (reveal !== undefined) {
        return checkOpening(parts, reveal.opening, context, manifest.sealing);
      }
      const known = new Map(shares.filter((one) => this.isThere(one.entry)).map(({ index, share }) => [index, share]));
      if (known.size < manifest.sealing.threshold) return null;
      const value = recover(parts, known, context, manifest.sealing);
      people.answering(juror, checkAnswer(manifest, value));
      return value;
    } catch (error) {
      if (error instanceof RecordError) return null;
      throw error;
    }
  }

  /** Of each juror, table and subject the last answer, if it is not withdrawn; commits that stay closed; secret ones. */
  #answers() {
    const { answers, commits } = this.round;
    const found = answers.filter(({ entry, juror }) => this.eligible.has(juror) && this.isInTime(entry));
    this.unopened = [];
    this.secret = [];
    for (const commit of commits.values()) {
      const { entry } = commit;
      if (!this.eligible.has(entry.value.juror)) continue;
      if (entry.value.secret) {
        if (this.#isToAttest(entry)) this.secret.push(entry);
        continue;
      }
      if (!this.isInTime(entry)) continue;
      const value = this.#opened(commit);
      if (value === null) this.unopened.push(entry);
      else found.push({ entry, ...answerOf(value) });
    }
    found.sort((a, b) => a.entry.place - b.entry.place);
    const last = new Map(found.map((one) => [one.key, one]));
    this.answers = [...last.values()].filter(({ rows }) => rows.length).sort((a, b) => a.entry.place - b.entry.place);
  }

  /** The last list of each model and table, in the order of the models' ids. */
  #lists() {
    const inTime = this.round.lists.filter(({ entry }) => this.isInTime(entry));
    const last = new Map(inTime.map((one) => [JSON.stringify([one.model, one.table]), one]));
    this.lists = [...last.values()].sort((a, b) => byBytes(a.model, b.model) || byBytes(a.table, b.table));
  }

  /** Entries with a deadline that are there and came too late, by place. */
  #late() {
    const { bindings, answers, lists, given, commits } = this.round;
    const entryOf = ({ entry }) => entry;
    const said = [...answers, ...lists, ...commits.values()].map(entryOf);
    const judging = [...bindings, ...said, ...given];
    const late = judging.filter((entry) => this.isThere(entry) && !this.isInTime(entry));
    for (const { reveals } of commits.values()) {
      late.push(...reveals.map(entryOf).filter((one) => this.isThere(one) && !this.isInTime(one, "reveal")));
    }
    return late.sort((a, b) => a.place - b.place);
  }
}
