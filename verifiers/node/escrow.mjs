/**
 * Sealed answers: a commit is a function of its opening. Whatever opens one is checked by making the commit anew.
 *
 * The formulas are those of the page on sealed rounds: HKDF-Expand, ChaCha20-Poly1305, Shamir's shares over GF(2^8), and
 * HPKE in base mode with X25519.
 */

import { createCipheriv, createDecipheriv, createHmac } from "node:crypto";
import { createPrivateKey, createPublicKey, diffieHellman } from "node:crypto";
import { fromBase64, isHex, sha256 } from "./bytes.mjs";
import { decode, encode } from "./canonical.mjs";
import { RecordError } from "./errors.mjs";
import { hasExactly, isObject } from "./shapes.mjs";

const ZERO = Buffer.alloc(1);
const SECRET_DER = Buffer.from("302e020100300506032b656e04220420", "hex");
const PUBLIC_DER = Buffer.from("302a300506032b656e032100", "hex");
const NINE = ["juror", "manifest", "origin", "round", "rows", "salt", "seq", "subject", "table"];

const bytes = (...parts) => Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : part)));
const hmac = (key, ...parts) => parts.reduce((mac, part) => mac.update(part), createHmac("sha256", key)).digest();

/** HKDF-Expand of RFC 5869. */
function expand(key, info, length) {
  const blocks = [];
  let block = Buffer.alloc(0);
  for (let i = 1; 32 * blocks.length < length; i += 1) {
    block = hmac(key, block, info, Buffer.from([i]));
    blocks.push(block);
  }
  return Buffer.concat(blocks).subarray(0, length);
}

/** ChaCha20-Poly1305 of RFC 8439, the tag behind. */
function seal(key, nonce, data, plain) {
  const cipher = createCipheriv("chacha20-poly1305", key, nonce, { authTagLength: 16 });
  cipher.setAAD(data, { plaintextLength: plain.length });
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** What was sealed, or null. */
function unseal(key, nonce, data, sealed) {
  const cipher = createDecipheriv("chacha20-poly1305", key, nonce, { authTagLength: 16 });
  cipher.setAAD(data, { plaintextLength: sealed.length - 16 });
  cipher.setAuthTag(sealed.subarray(-16));
  try {
    return Buffer.concat([cipher.update(sealed.subarray(0, -16)), cipher.final()]);
  } catch {
    return null;
  }
}

const secretKey = (secret) => createPrivateKey({ key: bytes(SECRET_DER, secret), format: "der", type: "pkcs8" });
const publicOf = (privateKey) => createPublicKey(privateKey).export({ format: "der", type: "spki" }).subarray(-32);

/** The secret that two X25519 keys share, or null if the public one is of small order. */
function agree(privateKey, key) {
  try {
    const publicKey = createPublicKey({ key: bytes(PUBLIC_DER, key), format: "der", type: "spki" });
    const shared = diffieHellman({ privateKey, publicKey });
    return shared.every((byte) => byte === 0) ? null : shared;
  } catch {
    return null;
  }
}

/** Whether an X25519 key is none of small order. */
export const isUsable = (key) => agree(secretKey(Buffer.alloc(32, 9)), key) !== null;

const KEM = bytes("KEM", Buffer.from([0x00, 0x20]));
const HPKE = bytes("HPKE", Buffer.from([0x00, 0x20, 0x00, 0x01, 0x00, 0x03]));
const NO_SALT = Buffer.alloc(32);

const extractLabel = (suite, salt, label, data) => hmac(salt, "HPKE-v1", suite, label, data);
const expandLabel = (suite, key, label, data, length) =>
  hmac(key, Buffer.from([length >> 8, length & 255]), "HPKE-v1", suite, label, data, Buffer.from([1])).subarray(0, length);

/** `enc ‖ ct` of HPKE in base mode for one message; null if the key is of small order. */
function hpkeSeal(key, ephemeral, info, plain) {
  const own = secretKey(ephemeral);
  const enc = publicOf(own);
  const secretOfBoth = agree(own, key);
  if (secretOfBoth === null) return null;
  const prk = extractLabel(KEM, NO_SALT, "eae_prk", secretOfBoth);
  const shared = expandLabel(KEM, prk, "shared_secret", bytes(enc, key), 32);
  const context = bytes(
    ZERO,
    extractLabel(HPKE, NO_SALT, "psk_id_hash", ""),
    extractLabel(HPKE, NO_SALT, "info_hash", info),
  );
  const secret = extractLabel(HPKE, shared, "secret", "");
  const [k, nonce] = [["key", 32], ["base_nonce", 12]].map(([label, n]) => expandLabel(HPKE, secret, label, context, n));
  return bytes(enc, seal(k, nonce, Buffer.alloc(0), plain));
}

/** Product in GF(2^8) with the polynomial 0x11B. */
function times(a, b) {
  let out = 0;
  for (let [left, right] = [a, b]; right > 0; right >>= 1) {
    if (right & 1) out ^= left;
    left = (left << 1) ^ (left & 0x80 ? 0x11b : 0);
  }
  return out;
}

/** Inverse in GF(2^8): the 254th power. */
function inverse(a) {
  let out = 1;
  for (let i = 0; i < 254; i += 1) out = times(out, a);
  return out;
}

/** The polynomial with coefficients of 32 bytes, lowest first, at an index. */
function evaluate(coefficients, index) {
  return Buffer.from(coefficients[0].map((_, k) => coefficients.reduceRight((sum, one) => times(sum, index) ^ one[k], 0)));
}

/** The polynomials at 0 from their values at some indexes. */
function interpolate(points) {
  const out = Buffer.alloc(32);
  for (const [x, y] of points) {
    const weight = points.reduce((w, [other]) => (other === x ? w : times(w, times(other, inverse(x ^ other)))), 1);
    for (let k = 0; k < 32; k += 1) out[k] ^= times(weight, y[k]);
  }
  return out;
}

/** Commitment to an opening, 32 bytes. */
export const commitmentOf = (opening) => sha256("daccord/commit/1\0", opening);

const shareHash = (c, index, share) => sha256("daccord/share/1\0", c, Buffer.from([index]), share);
const NONCE = Buffer.alloc(12);
const cipherData = (c) => bytes("daccord/ciphertext/1\0", c);

/**
 * A commit as its entry has it, checked for its shape.
 *
 * @param {object} value Payload of a commit.
 * @param {{trustees: Map<string, Buffer>}} sealing
 * @returns {{c: Buffer, ciphertext: Buffer, shares: {trustee: string, hash: string, sealed: Buffer}[]}}
 */
export function parseCommit({ commitment, ciphertext, shares }, { trustees }) {
  const data = fromBase64(ciphertext, "the ciphertext");
  if (data.length < 272 || data.length % 256 !== 16) throw new RecordError("the ciphertext has no length of one");
  const ids = [...trustees.keys()];
  if (shares.length !== ids.length || shares.some(({ trustee, index }, i) => trustee !== ids[i] || index !== i + 1)) {
    throw new RecordError("the shares are not those of the manifest's trustees, in order");
  }
  return {
    c: Buffer.from(commitment, "hex"),
    ciphertext: data,
    shares: shares.map(({ trustee, hash, sealed }) => {
      const box = fromBase64(sealed, "a sealed share");
      if (box.length !== 96) throw new RecordError("a sealed share has 96 bytes");
      return { trustee, hash, sealed: box };
    }),
  };
}

/** Check a share that a trustee gives, 48 bytes in hexadecimal. */
export function checkShare(commit, index, share) {
  const known = commit.shares[index - 1];
  if (known === undefined) throw new RecordError(`there is no share ${index}`);
  const good = isHex(share, 48) && shareHash(commit.c, index, Buffer.from(share, "hex")).toString("hex") === known.hash;
  if (!good) throw new RecordError(`share ${index} has not the hash that the commit says`);
}

/** The opening's value, if it has the nine keys of the right kinds. */
function readOpening(opening) {
  const value = decode(opening);
  const texts = ["juror", "manifest", "origin", "round", "table"];
  const isRow = (row) => isObject(row) && Object.values(row).every((cell) => typeof cell === "string");
  const good =
    hasExactly(value, NINE) &&
    texts.every((name) => typeof value[name] === "string") &&
    isHex(value.salt, 32) &&
    isHex(value.manifest, 32) &&
    typeof value.seq === "number" &&
    value.seq >= 0 &&
    isRow(value.subject) &&
    Array.isArray(value.rows) &&
    value.rows.every(isRow);
  if (!good) throw new RecordError("the opening has not exactly the nine keys of one");
  return value;
}

/**
 * Check an opening by making the commit anew.
 *
 * @param {ReturnType<typeof parseCommit>} commit
 * @param {Buffer} opening
 * @param {{juror: string, origin: string, round: string, manifest: string, seq: number}} context What the entry says.
 * @param {{threshold: number, trustees: Map<string, Buffer>}} sealing
 * @returns {object} What it says.
 * @throws {RecordError} The commit is not sound, or this is not its opening.
 */
export function checkOpening(commit, opening, context, { threshold, trustees }) {
  const { c } = commit;
  if (!commitmentOf(opening).equals(c)) throw new RecordError("the opening does not hash to the commitment");
  const value = readOpening(opening);
  for (const [name, said] of Object.entries(context)) {
    if (value[name] !== said) throw new RecordError(`the opening names another ${name}`);
  }
  const derive = (label, length) => {
    return expand(Buffer.from(value.salt, "hex"), bytes("daccord/escrow/1\0", label, ZERO, c), length);
  };
  const cut = (data, size) => Array.from({ length: data.length / size }, (_, i) => data.subarray(i * size, (i + 1) * size));
  const key = derive("key", 32);
  const padded = bytes(opening, Buffer.from([0x80]), Buffer.alloc(255 - (opening.length % 256)));
  let same = seal(key, NONCE, cipherData(c), padded).equals(commit.ciphertext);
  const coefficients = [key, ...cut(derive("coefficients", 32 * (threshold - 1)), 32)];
  const blinds = cut(derive("blinds", 16 * trustees.size), 16);
  const ephemerals = cut(derive("ephemeral", 32 * trustees.size), 32);
  [...trustees].forEach(([trustee, theirs], i) => {
    if (!same) return;
    const index = i + 1;
    const share = bytes(evaluate(coefficients, index), blinds[i]);
    const { juror, manifest, origin, round, seq } = context;
    const place = encode({ commitment: c.toString("hex"), index, juror, manifest, origin, round, seq, trustee });
    const sealed = hpkeSeal(theirs, ephemerals[i], bytes("daccord/sealed-share/1\0", place), share);
    const { hash, sealed: stated } = commit.shares[i];
    same = sealed !== null && sealed.equals(stated) && shareHash(c, index, share).toString("hex") === hash;
  });
  if (!same) throw new RecordError("the commit is not the one that its opening makes");
  return value;
}

/**
 * The opening of a commit from shares that were checked.
 *
 * @param {ReturnType<typeof parseCommit>} commit
 * @param {Map<number, string>} shares Index → share, at least as many as the threshold.
 * @param {object} context As for `checkOpening`.
 * @param {{threshold: number, trustees: Map<string, Buffer>}} sealing
 * @returns {object} What the opening says.
 * @throws {RecordError} They do not give a sound opening.
 */
export function recover(commit, shares, context, sealing) {
  const lowest = [...shares].sort(([a], [b]) => a - b).slice(0, sealing.threshold);
  const key = interpolate(lowest.map(([index, share]) => [index, Buffer.from(share, "hex").subarray(0, 32)]));
  const padded = unseal(key, NONCE, cipherData(commit.c), commit.ciphertext);
  if (padded === null) throw new RecordError("the shares do not open the ciphertext");
  let end = padded.length;
  while (end > 0 && padded[end - 1] === 0) end -= 1;
  return checkOpening(commit, padded.subarray(0, Math.max(0, end - 1)), context, sealing);
}
