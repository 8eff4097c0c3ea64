/** Files that stand in the log in pieces. */

import { sha256 } from "./bytes.mjs";
import { RecordError } from "./errors.mjs";

/** All pieces that were read. */
export class Pieces {
  /** SHA-256 of a file → number → text. */
  #texts = new Map();
  #files = new Map();

  /** Take a piece. */
  add({ of, index, text }) {
    const known = this.#texts.get(of) ?? new Map();
    this.#texts.set(of, known);
    if ((known.get(index) ?? text) !== text) throw new RecordError(`piece ${index} stands there with another text`);
    known.set(index, text);
  }

  /**
   * A file by its hash and size, if its pieces are there.
   *
   * @param {{sha256: string, size: number}} file
   * @param {string} what For the message.
   * @returns {Buffer}
   */
  file({ sha256: digest, size }, what) {
    let bytes = this.#files.get(digest);
    if (bytes === undefined) {
      bytes = this.#assemble(digest);
      if (bytes === null) throw new RecordError(`${what}: its pieces are not in the log`);
      this.#files.set(digest, bytes);
    }
    if (bytes.length !== size) throw new RecordError(`${what} has ${bytes.length} bytes, not the stated ${size}`);
    return bytes;
  }

  /** Pieces in the order of their numbers, from 0 to the first that is missing; null if they do not give the hash. */
  #assemble(digest) {
    const known = this.#texts.get(digest) ?? new Map();
    const parts = [];
    for (let index = 0; known.has(index); index += 1) parts.push(Buffer.from(known.get(index)));
    const bytes = Buffer.concat(parts);
    return sha256(bytes).toString("hex") === digest ? bytes : null;
  }
}
