/** A log read from its first entry on: keys of roles, one round, and every fault. */

import { fromBase64 } from "./bytes.mjs";
import { fromLeaf } from "./envelope.mjs";
import { RecordError } from "./errors.mjs";
import { parseManifest } from "./manifest.mjs";
import { leafHash } from "./merkle.mjs";
import { kindOf, parsePayload } from "./payloads.mjs";
import { Pieces } from "./pieces.mjs";
import { Round } from "./round.mjs";
import { Keys } from "./signing.mjs";

const STEPS = { root: "keys", reveal: "openings", share: "openings", attestation: "openings" };
const NEVER_VOID = ["root", "manifest", "piece", "intervention"];
const WITH_DEADLINE = ["binding", "judgment", "commit", "reveal", "list", "contribution"];

/** A fault that no intervention lifts. */
class LastingError extends RecordError {}

/**
 * @typedef {object} Fault
 * @property {number} place
 * @property {string} hash Entry hash.
 * @property {string} step
 * @property {string} message
 * @property {boolean} liftable
 */

/** The state after the entries that were read. */
export class Replay {
  /** @type {Fault[]} */
  faults = [];
  keys = new Keys();
  /** @type {Round | null} */
  round = null;
  /** Ids of all rounds with a manifest. */
  rounds = new Set();
  /** Entries of other rounds. */
  passedOver = 0;
  size = 0;
  #pieces = new Pieces();
  #seen = new Set();

  /**
   * @param {import("./merkle.mjs").Tree} tree Of the whole log.
   * @param {string | null} wanted Id of the round; the first one if null.
   */
  constructor(tree, wanted) {
    this.tree = tree;
    this.wanted = wanted;
  }

  /** Read the next entry. */
  add(leaf) {
    const place = this.size;
    const hash = this.tree.leaf(place).toString("hex");
    let kind = "";
    try {
      const envelope = lasting(() => fromLeaf(leaf));
      kind = kindOf(envelope);
      if (!this.#seen.has(hash)) this.#take(kind, envelope, place, hash);
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      const liftable = !(error instanceof LastingError) && !NEVER_VOID.includes(kind);
      this.faults.push({ place, hash, step: STEPS[kind] ?? "entries", message: error.message, liftable });
    }
    this.#seen.add(hash);
    this.size += 1;
  }

  #take(kind, envelope, place, hash) {
    if (kind === "root") {
      this.keys.follow(envelope);
      return;
    }
    if (this.keys.root === null) throw new LastingError("the log does not begin with root metadata");
    const value = parsePayload(kind, envelope);
    if (value.origin !== this.keys.root.origin) throw new LastingError("it is of another log");
    if (kind === "piece") {
      this.keys.role(envelope, "operator", 1, 1);
      this.#pieces.add(value);
    } else if (kind === "manifest") {
      this.#manifest(value, envelope, hash);
    } else {
      this.#ofRound(kind, { place, hash, complaint: null, promised: null, value, envelope });
    }
  }

  #manifest(value, envelope, hash) {
    if (this.rounds.has(value.round)) throw new RecordError("the round has a manifest already");
    this.keys.role(envelope, "steward");
    if (value.round === (this.wanted ?? value.round)) {
      const manifest = parseManifest(value, hash, this.#pieces);
      const trustees = this.keys.root.keysOf("trustee");
      for (const id of manifest.sealing?.trustees.keys() ?? []) {
        if (!trustees.has(id)) throw new RecordError(`${id} is no trustee's key`);
      }
      this.round = new Round(manifest, this.keys, this.#pieces, this.tree);
      this.wanted = value.round;
    } else this.passedOver += 1;
    this.rounds.add(value.round);
  }

  /** An entry of a round that has a manifest. */
  #ofRound(kind, entry) {
    const { value } = entry;
    if (!this.rounds.has(value.round)) throw new RecordError(`the round ${value.round} has no manifest before it`);
    if (value.round !== this.round?.manifest.round) {
      this.passedOver += 1;
      return;
    }
    if (kind === "promise") throw new RecordError("a promise stands in no log by itself");
    if (value.manifest !== this.round.manifest.hash) throw new RecordError("it names another manifest");
    if (kind === "complaint") this.#complaint(entry);
    else this.round[kind](entry);
  }

  /** A leaf that was promised and withheld counts as if it stood where the complaint does. */
  #complaint({ place, hash, value, envelope }) {
    const { manifest, people } = this.round;
    this.keys.somebody(envelope, people);
    const promise = fromLeaf(fromBase64(value.promise, "the promise"));
    if (kindOf(promise) !== "promise") throw new RecordError("what is called a promise is none");
    const said = parsePayload("promise", promise);
    if (promise.signers(this.keys.operators).size !== 1) throw new RecordError("one operator signs a promise");
    const leaf = fromBase64(value.leaf, "the leaf");
    const withheld = leafHash(leaf).toString("hex");
    const fits = said.leaf === withheld && said.origin === manifest.origin && said.round === manifest.round;
    if (!fits) throw new RecordError("the promise is not about this leaf");
    const inner = fromLeaf(leaf);
    const kind = kindOf(inner);
    if (!WITH_DEADLINE.includes(kind)) throw new RecordError(`a ${kind} has no deadline`);
    const payload = parsePayload(kind, inner);
    if (this.#seen.has(withheld)) return;
    const ours = payload.origin === manifest.origin && payload.round === manifest.round;
    if (!ours) throw new RecordError("the leaf is of another log or round");
    const deadline = manifest.deadline(kind === "reveal" ? "reveal" : "judging");
    const promised = deadline !== null && BigInt(said.received) <= deadline;
    this.#ofRound(kind, { place, hash: withheld, complaint: hash, promised, value: payload, envelope: inner });
    this.#seen.add(withheld);
  }
}

function lasting(read) {
  try {
    return read();
  } catch (error) {
    throw error instanceof RecordError ? new LastingError(error.message) : error;
  }
}
