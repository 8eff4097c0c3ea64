/** Checkpoints (C2SP tlog-checkpoint) and cosignatures (C2SP tlog-cosignature, of Ed25519). */

import { fromBase64 } from "./bytes.mjs";
import { verify } from "./ed25519.mjs";
import { RecordError } from "./errors.mjs";
import { EMPTY_ROOT } from "./merkle.mjs";
import { openNote } from "./note.mjs";

const SIZE = /^(?:0|[1-9][0-9]{0,18})$/;
const LATEST = 2n ** 63n - 1n;

/**
 * @typedef {object} Checkpoint
 * @property {string} origin
 * @property {bigint} size
 * @property {Buffer} root
 * @property {import("./note.mjs").Note} note Its signatures are not checked.
 */

/**
 * Read a checkpoint.
 *
 * @param {Uint8Array} bytes
 * @returns {Checkpoint}
 */
export function openCheckpoint(bytes) {
  const note = openNote(bytes);
  const lines = note.text.slice(0, -1).split("\n");
  if (lines.length < 3 || lines.includes("")) throw new RecordError("a checkpoint has three lines, none of them empty");
  const [origin, digits, hash] = lines;
  if (!SIZE.test(digits) || BigInt(digits) > LATEST) throw new RecordError("the checkpoint's size is no number");
  const size = BigInt(digits);
  const root = fromBase64(hash, "the checkpoint's root");
  if (root.length !== 32) throw new RecordError("the checkpoint's root does not have 32 bytes");
  if (size === 0n && !root.equals(EMPTY_ROOT)) throw new RecordError("the empty tree has another root");
  return { origin, size, root, note };
}

/**
 * When a witness cosigned a checkpoint.
 *
 * @param {import("./note.mjs").Note} note
 * @param {import("./note.mjs").NoteKey} witness
 * @returns {bigint | null} Seconds since 1970; null if it did not.
 * @throws {RecordError} A line says that it did, and the cosignature is not valid.
 */
export function cosignedAt(note, witness) {
  const data = note.of(witness);
  if (data === null) return null;
  const time = data.length === 72 ? data.readBigUInt64BE() : LATEST + 1n;
  const message = Buffer.from(`cosignature/v1\ntime ${time}\n${note.text}`);
  if (time > LATEST || !verify(witness.key, message, data.subarray(8))) {
    throw new RecordError(`the cosignature of ${witness.name} is not valid`);
  }
  return time;
}
