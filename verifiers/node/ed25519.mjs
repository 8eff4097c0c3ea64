/**
 * Ed25519 by the record's strict rule: S below the order, R none of the encodings of points of small order, the equation
 * without cofactor, and keys only of prime order. node:crypto computes the equation; the rest is checked here.
 */

import { createPublicKey, verify as verifySignature } from "node:crypto";
import { isHex, sha256 } from "./bytes.mjs";
import { ORDER, SMALL_ORDER, isPrimeOrderPoint, littleEndian } from "./curve.mjs";
import { RecordError } from "./errors.mjs";

const DER = Buffer.from("302a300506032b6570032100", "hex");
const KNOWN = new Map();

/** A public key that may be registered. Keys are made by `publicKey`, once each. */
export class PublicKey {
  /** @param {string} hex 64 hexadecimal digits of a key that was checked. */
  constructor(hex) {
    this.hex = hex;
    this.data = Buffer.from(hex, "hex");
    this.id = sha256("daccord/key/1\0", this.data).toString("hex");
    this.object = createPublicKey({ key: Buffer.concat([DER, this.data]), format: "der", type: "spki" });
  }
}

/**
 * The key that hexadecimal digits say.
 *
 * @param {unknown} hex
 * @param {string} what Whose key, for the message.
 * @returns {PublicKey}
 * @throws {RecordError} They are not the canonical encoding of a point of prime order.
 */
export function publicKey(hex, what) {
  let known = KNOWN.get(hex);
  if (known === undefined) {
    const good = isHex(hex, 32) && isPrimeOrderPoint(Buffer.from(hex, "hex"));
    known = good ? new PublicKey(hex) : null;
    KNOWN.set(hex, known);
  }
  if (known === null) throw new RecordError(`${what}: not the canonical encoding of a point of prime order`);
  return known;
}

/**
 * Whether a signature is valid by the strict rule.
 *
 * @param {PublicKey} key
 * @param {Uint8Array} message
 * @param {Uint8Array} signature
 */
export function verify(key, message, signature) {
  if (signature.length !== 64) return false;
  if (signature[63] >= 0x10 && littleEndian(signature.subarray(32)) >= ORDER) return false;
  if (SMALL_ORDER.has(Buffer.from(signature.subarray(0, 32)).toString("hex"))) return false;
  return verifySignature(null, message, key.object, signature);
}
