/** What other projects publish: proofs, signed checkpoints of a real log, signatures on which libraries disagree, JSON. */

import assert from "node:assert/strict";
import { verify as verifySignature } from "node:crypto";
import { readFileSync } from "node:fs";
import test from "node:test";
import { decode, encode } from "../canonical.mjs";
import { openCheckpoint } from "../checkpoint.mjs";
import { SMALL_ORDER } from "../curve.mjs";
import { publicKey, verify } from "../ed25519.mjs";
import { isConsistent, rootOfInclusion } from "../merkle.mjs";
import { NoteKey } from "../note.mjs";
import { FolderPlace } from "../place.mjs";
import { readEntries, readTree } from "../tiles.mjs";
import { below, json, needs, vectors } from "./vectors.mjs";

const raw = (text) => Buffer.from(text ?? "", "base64");
const path = (proof) => (proof ?? []).map(raw);

test("inclusion probes of transparency-dev/merkle", needs("merkle"), () => {
  const probes = [...below("merkle", "testdata", "inclusion")];
  for (const file of probes) {
    const { leafIdx, treeSize, leafHash, proof, root, wantErr } = json(...file);
    const found = rootOfInclusion(BigInt(leafIdx), BigInt(treeSize), raw(leafHash), path(proof));
    assert.equal(found === null || !found.equals(raw(root)), wantErr, file.join("/"));
  }
  assert.equal(probes.length, 98);
});

test("consistency probes, but for one that takes text for a root", needs("merkle"), () => {
  const probes = [...below("merkle", "testdata", "consistency")];
  const wrong = probes.filter((file) => {
    const { size1, size2, root1, root2, proof, wantErr } = json(...file);
    return isConsistent(BigInt(size1), BigInt(size2), raw(root1), raw(root2), path(proof)) === wantErr;
  });
  assert.equal(probes.length, 98);
  assert.deepEqual(wrong.map((file) => file.at(-1)), ["sizes-are-equal-one-and-proof-is-empty.json"]);
});

test("a log of tessera: 17 checkpoints, their tiles and entries", needs("tessera-log"), async () => {
  const folder = ["tessera-log", "testdata", "log"];
  const names = [...below(...folder)].filter((file) => file.at(-1).startsWith("checkpoint"));
  const place = new FolderPlace(vectors(...folder));
  const key = NoteKey.parse("example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx");
  for (const file of names) {
    const head = openCheckpoint(readFileSync(vectors(...file)));
    assert.ok(head.note.isSignedBy(key));
    const tree = await readTree(place, head);
    let count = 0n;
    for await (const entry of readEntries(place, tree)) count += BigInt(entry.length >= 0);
    assert.equal(count, head.size);
  }
  assert.equal(names.length, 17);
});

test("ed25519-speccheck: of twelve signatures on which libraries disagree, only the sound ones", needs("ed25519-speccheck"), () => {
  const valid = json("ed25519-speccheck", "cases.json").map(({ message, pub_key: key, signature }) => {
    try {
      return verify(publicKey(key, "a key"), Buffer.from(message, "hex"), Buffer.from(signature, "hex"));
    } catch {
      return false;
    }
  });
  assert.equal(valid.length, 12);
  assert.deepEqual(valid.flatMap((good, i) => (good ? [i] : [])), []);
});

test("Wycheproof's Ed25519", needs("wycheproof"), () => {
  let count = 0;
  for (const { publicKey: of, tests } of json("wycheproof", "testvectors_v1", "ed25519_test.json").testGroups) {
    const key = publicKey(of.pk, "a key");
    for (const { msg, sig, result, tcId } of tests) {
      assert.equal(verify(key, Buffer.from(msg, "hex"), Buffer.from(sig, "hex")), result === "valid", `case ${tcId}`);
      count += 1;
    }
  }
  assert.ok(count > 100);
});

test("RFC 8785: canonical files are read back and written the same, unless they hold fractions", needs("jcs"), () => {
  let whole = 0;
  for (const file of below("jcs", "testdata", "output")) {
    const bytes = readFileSync(vectors(...file));
    try {
      assert.deepEqual(Buffer.from(encode(decode(bytes))), bytes);
      whole += 1;
    } catch (error) {
      assert.equal(error.name, "RecordError");
      assert.match(bytes.toString(), /[0-9][.e]/, file.at(-1));
    }
    assert.throws(() => decode(Buffer.concat([bytes, Buffer.from("\n")])), /canonical/);
  }
  assert.equal(whole, 5);
});

test("a signature whose R is the neutral element, which OpenSSL takes, is refused", () => {
  const key = publicKey("dd4c3f9ec884ac455f1d6fff909d52e91bfa28004a7aca4f3003251c6aed3261", "a key");
  const s = "77e6705fa42d2af49ef54115fce5f6ff6a199ae14e457b8c1f326120b6478b03";
  const signature = Buffer.from(`01${"00".repeat(31)}${s}`, "hex");
  assert.ok(verifySignature(null, Buffer.from("judgment"), key.object, signature));
  assert.equal(verify(key, Buffer.from("judgment"), signature), false);
});

test("all encodings of points of small order are known, and none is a key", () => {
  assert.equal(SMALL_ORDER.size, 14);
  for (const hex of SMALL_ORDER) assert.throws(() => publicKey(hex, "a key"), /prime order/);
});
