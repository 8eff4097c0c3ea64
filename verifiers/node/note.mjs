/** Signed notes and verifier keys (C2SP signed-note). */

import { fromBase64, sha256, utf8 } from "./bytes.mjs";
import { publicKey, verify } from "./ed25519.mjs";
import { RecordError } from "./errors.mjs";

export const ED25519 = 1;
export const COSIGNATURE = 4;

const LONGEST = 1 << 16;
const MOST_SIGNATURES = 64;
const CONTROL = /[\u0000-\u0009\u000b-\u001f]/;
const SIGNATURE = /^— ([^\p{White_Space}+]+) ([A-Za-z0-9+/]+={0,2})$/u;
const KEY = /^([^\p{White_Space}+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/u;

/** A key by which notes are checked: a signer's name, its key, and the kind of its signatures. */
export class NoteKey {
  constructor(name, key, kind) {
    this.name = name;
    this.key = key;
    this.kind = kind;
    this.id = sha256(`${name}\n`, Buffer.from([kind]), key.data).subarray(0, 4);
  }

  /**
   * Read a verifier key, `name+id+base64(kind ‖ key)`.
   *
   * @param {string} text
   */
  static parse(text) {
    const found = KEY.exec(text);
    if (!found) throw new RecordError("a verifier key is written name+id+base64");
    const data = fromBase64(found[3], "the verifier key");
    if (data.length !== 33 || (data[0] !== ED25519 && data[0] !== COSIGNATURE)) {
      throw new RecordError("the verifier key is of a kind that is not known here");
    }
    const key = new NoteKey(found[1], publicKey(data.subarray(1).toString("hex"), "the verifier key"), data[0]);
    if (key.id.toString("hex") !== found[2]) throw new RecordError("the verifier key's id does not follow from it");
    return key;
  }
}

/** A text and the signature lines under it. */
export class Note {
  /**
   * @param {string} text With its last line end.
   * @param {{name: string, key: Buffer, data: Buffer}[]} signatures
   */
  constructor(text, signatures) {
    this.text = text;
    this.signatures = signatures;
  }

  /** What stands behind the first line that names a key, not checked; null if none does. */
  of(key) {
    return this.signatures.find((one) => one.name === key.name && one.key.equals(key.id))?.data ?? null;
  }

  /**
   * Whether an Ed25519 key signed the text.
   *
   * @param {NoteKey} key
   * @throws {RecordError} A line says so, and the signature is not valid.
   */
  isSignedBy(key) {
    const data = this.of(key);
    if (data === null) return false;
    if (!verify(key.key, Buffer.from(this.text), data)) {
      throw new RecordError(`the signature of ${key.name} under the note is not valid`);
    }
    return true;
  }
}

/**
 * Take a note apart; no signature is checked.
 *
 * @param {Uint8Array} bytes
 * @returns {Note}
 */
export function openNote(bytes) {
  if (bytes.length > LONGEST) throw new RecordError(`the note has more than ${LONGEST} bytes`);
  const text = utf8(bytes, "the note");
  if (CONTROL.test(text)) throw new RecordError("the note has a control character that is no line end");
  const at = text.lastIndexOf("\n\n");
  if (at < 0 || !text.endsWith("\n") || at + 2 === text.length) {
    throw new RecordError("the note has no signatures behind an empty line");
  }
  const lines = text.slice(at + 2, -1).split("\n");
  if (lines.length > MOST_SIGNATURES) throw new RecordError(`the note has more than ${MOST_SIGNATURES} signatures`);
  return new Note(text.slice(0, at + 1), lines.map(signatureLine));
}

function signatureLine(line, i) {
  const found = SIGNATURE.exec(line);
  if (!found) throw new RecordError(`line ${i + 1} of the note's signatures is none`);
  const data = fromBase64(found[2], `signature ${i + 1} of the note`);
  if (data.length < 5) throw new RecordError(`signature ${i + 1} of the note is too short`);
  return { name: found[1], key: data.subarray(0, 4), data: data.subarray(4) };
}
