/** Bytes, hexadecimal, base64, UTF-8 and SHA-256, each in its one spelling. */

import { createHash } from "node:crypto";
import { RecordError } from "./errors.mjs";

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const HEX = /^(?:[0-9a-f]{2})*$/;

/**
 * SHA-256 of some parts, one behind the other.
 *
 * @param {...(Uint8Array | string)} parts Texts are taken as UTF-8.
 * @returns {Buffer} 32 bytes.
 */
export function sha256(...parts) {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/**
 * Text of UTF-8 bytes, without any repair; a byte order mark stays a character.
 *
 * @param {Uint8Array} bytes
 * @param {string} what For the message.
 */
export function utf8(bytes, what) {
  try {
    return UTF8.decode(bytes);
  } catch {
    throw new RecordError(`${what}: no UTF-8`);
  }
}

/**
 * Bytes of padded standard base64 in its one spelling.
 *
 * @param {string} text
 * @param {string} what For the message.
 * @returns {Buffer}
 */
export function fromBase64(text, what) {
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") !== text) throw new RecordError(`${what}: no canonical base64`);
  return bytes;
}

/**
 * Whether a value is so many bytes in hexadecimal, in lower case.
 *
 * @param {unknown} value
 * @param {number} [size] Any number if left out.
 */
export function isHex(value, size) {
  return typeof value === "string" && HEX.test(value) && (size === undefined || value.length === 2 * size);
}

/** Order of texts by their UTF-8 bytes, which is that of their characters' numbers. */
export function byBytes(a, b) {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
