/** Keys of roles as of a place in the log, and who has to sign what. */

import { RecordError } from "./errors.mjs";
import { ED25519, NoteKey } from "./note.mjs";
import { followRoot } from "./root.mjs";

/** The chain of root metadata, and keys that were revoked. */
export class Keys {
  /** @type {import("./root.mjs").Root | null} */
  root = null;
  /** Key id → place of the entry that revoked it. */
  revoked = new Map();
  /** All keys that are or were operators'. */
  operators = new Map();

  /** Bring a version into force. */
  follow(envelope) {
    this.root = followRoot(this.root, envelope);
    for (const [id, key] of this.root.keysOf("operator")) this.operators.set(id, key);
  }

  /** Keys by which the log signs checkpoints. */
  get logs() {
    return [...this.root.keysOf("operator").values()].map((key) => new NoteKey(this.root.origin, key, ED25519));
  }

  /**
   * Check that enough keys of a role signed, and nobody else.
   *
   * @returns {Set<string>} Their ids.
   */
  role(envelope, name, least = this.root.threshold(name), most = Infinity) {
    const signers = envelope.signers(this.root.keysOf(name));
    if (signers.size < least || signers.size > most) throw new RecordError(`${signers.size} ${name} keys signed it`);
    return signers;
  }

  /** Check that all of some keys signed, and nobody else. */
  exactly(envelope, ...keys) {
    for (const { id } of keys) {
      if (this.revoked.has(id)) throw new RecordError(`the key ${id} was revoked by entry ${this.revoked.get(id)}`);
    }
    const asked = new Map(keys.map((key) => [key.id, key]));
    if (envelope.signers(asked).size !== asked.size) throw new RecordError("a signature is missing");
  }

  /** Check that one operator or one of the people signed. */
  somebody(envelope, people) {
    const [{ key: id }] = envelope.signatures;
    const asked = new Map(this.root.keysOf("operator"));
    const person = people.owner(id);
    if (person !== null && !this.revoked.has(id)) asked.set(id, person.key);
    if (envelope.signers(asked).size !== 1) throw new RecordError("it has one signature, of an operator or a juror");
  }
}
