/** Envelopes (DSSE 1.0): a payload, its type, and signatures over both, as a leaf of the log. */

import { byBytes, fromBase64 } from "./bytes.mjs";
import { decode } from "./canonical.mjs";
import { verify } from "./ed25519.mjs";
import { RecordError } from "./errors.mjs";
import { hasExactly } from "./shapes.mjs";

export const LARGEST_LEAF = 65_535;
const MOST_SIGNATURES = 64;

/** A signed payload whose signatures are not checked yet. */
export class Envelope {
  /**
   * @param {string} type
   * @param {Buffer} payload
   * @param {{key: string, data: Buffer}[]} signatures In ascending order of their keys' ids.
   */
  constructor(type, payload, signatures) {
    this.type = type;
    this.payload = payload;
    this.signatures = signatures;
  }

  /** The bytes that are signed. */
  get signed() {
    const head = `DSSEv1 ${Buffer.byteLength(this.type)} ${this.type} ${this.payload.length} `;
    return Buffer.concat([Buffer.from(head), this.payload]);
  }

  /** What the payload says. */
  value() {
    return decode(this.payload, LARGEST_LEAF);
  }

  /**
   * Check all signatures.
   *
   * @param {Map<string, import("./ed25519.mjs").PublicKey>} asked Key id → key, of those who may sign.
   * @returns {Set<string>} Ids of the keys that signed: of all signatures.
   * @throws {RecordError} One is by another key, or is not valid.
   */
  signers(asked) {
    const { signed } = this;
    for (const { key, data } of this.signatures) {
      const known = asked.get(key);
      if (known === undefined) throw new RecordError(`the key ${key.slice(0, 64)} is none of those who sign this`);
      if (!verify(known, signed, data)) throw new RecordError(`the signature by the key ${key} is not valid`);
    }
    return new Set(this.signatures.map(({ key }) => key));
  }
}

/**
 * Read a leaf.
 *
 * @param {Uint8Array} leaf
 * @returns {Envelope}
 * @throws {RecordError} It is not the one sequence of bytes of an envelope.
 */
export function fromLeaf(leaf) {
  const value = decode(leaf, LARGEST_LEAF);
  if (!hasExactly(value, ["payload", "payloadType", "signatures"])) {
    throw new RecordError("an envelope has the keys payload, payloadType and signatures");
  }
  const { payload, payloadType, signatures } = value;
  if (typeof payload !== "string" || typeof payloadType !== "string" || !Array.isArray(signatures)) {
    throw new RecordError("an envelope's payload and type are texts, its signatures a list");
  }
  if (signatures.length < 1 || signatures.length > MOST_SIGNATURES) {
    throw new RecordError(`an envelope has 1 to ${MOST_SIGNATURES} signatures`);
  }
  const found = signatures.map((one) => {
    if (!hasExactly(one, ["keyid", "sig"]) || typeof one.keyid !== "string" || typeof one.sig !== "string") {
      throw new RecordError("a signature has the texts keyid and sig");
    }
    const data = fromBase64(one.sig, "a signature");
    if (data.length !== 64) throw new RecordError("a signature has 64 bytes");
    return { key: one.keyid, data };
  });
  for (let i = 1; i < found.length; i += 1) {
    if (byBytes(found[i - 1].key, found[i].key) >= 0) throw new RecordError("signatures stand in order, each key once");
  }
  return new Envelope(payloadType, fromBase64(payload, "the payload"), found);
}
