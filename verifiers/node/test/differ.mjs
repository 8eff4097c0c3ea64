/**
 * Answers what this verifier makes of bytes, for tests that compare it with another one: a JSON object a line in, one a
 * line out. `null` stands for what is refused.
 */

import { createInterface } from "node:readline";
import { decode, encode } from "../canonical.mjs";
import { openCheckpoint } from "../checkpoint.mjs";
import { publicKey, verify } from "../ed25519.mjs";
import { fromLeaf } from "../envelope.mjs";
import { Tree, leafHash } from "../merkle.mjs";
import { Counting } from "../outcome.mjs";
import { kindOf, parsePayload } from "../payloads.mjs";
import { parsePolicy } from "../policy.mjs";
import { Replay } from "../replay.mjs";
import { Keys } from "../signing.mjs";

const hex = (bytes) => Buffer.from(bytes).toString("hex");

const READERS = {
  decode: (data) => encode(decode(data)),
  leaf(data) {
    const { type, payload, signatures } = fromLeaf(data);
    return [type, hex(payload), signatures.map(({ key, data: signature }) => [key, hex(signature)])];
  },
  payload(data) {
    const envelope = fromLeaf(data);
    const kind = kindOf(envelope);
    return kind === "root" ? kind : encode(parsePayload(kind, envelope));
  },
  checkpoint(data) {
    const { origin, size, root, note } = openCheckpoint(data);
    return [origin, String(size), hex(root), note.signatures.map(({ name, key, data: rest }) => [name, hex(key), hex(rest)])];
  },
  policy(data) {
    const { logs, witnesses, groups, quorum } = parsePolicy(data);
    const members = [...groups].map(([name, { least, members: named }]) => [name, least, named]);
    return [logs.map(({ name }) => name), [...witnesses].map(([name, { id }]) => [name, hex(id)]), members, quorum];
  },
  key: (data) => publicKey(hex(data), "a key").id,
  signature: (data) => verify(publicKey(hex(data.subarray(0, 32)), "a key"), data.subarray(96), data.subarray(32, 96)),
};

/** Version of root metadata after each entry. */
function roots(leaves) {
  const keys = new Keys();
  return leaves.map((leaf) => {
    try {
      const envelope = fromLeaf(leaf);
      if (kindOf(envelope) === "root") keys.follow(envelope);
    } catch (error) {
      if (error.name !== "RecordError") throw error;
    }
    return keys.root?.version ?? 0;
  });
}

/** What a log comes to. */
function record(leaves, round) {
  const tree = new Tree();
  for (const leaf of leaves) tree.add(leafHash(leaf));
  const replay = new Replay(tree, round);
  for (const leaf of leaves) replay.add(leaf);
  const faults = replay.faults.map(({ place, hash, step, liftable, message }) => [place, hash, step, liftable, message]);
  const said = { root: hex(tree.root()), rounds: [...replay.rounds], passedOver: replay.passedOver, faults };
  if (replay.round === null) return said;
  const counting = new Counting(replay.round, replay.size);
  const places = (entries) => entries.map(({ place }) => place);
  return {
    ...said,
    result: counting.result?.place ?? null,
    inForce: counting.inForce,
    inputs: counting.inputs,
    ends: counting.ends,
    eligible: [...counting.eligible.keys()].sort(),
    answers: places(counting.answers.map(({ entry }) => entry)),
    counted: counting.counted,
    late: places(counting.late),
    unopened: places(counting.unopened),
    secret: places(counting.secret),
    attestation: counting.attestation?.place ?? null,
    files: counting.filesHash,
    names: [...counting.files.keys()].sort(),
  };
}

function answer({ what, data, leaves, round }) {
  try {
    if (what === "record") return record(leaves.map((leaf) => Buffer.from(leaf, "base64")), round);
    if (what === "roots") return roots(leaves.map((leaf) => Buffer.from(leaf, "base64")));
    return READERS[what](Buffer.from(data, "base64"));
  } catch (error) {
    if (error.name === "RecordError") return null;
    return { crashed: error.stack };
  }
}

for await (const line of createInterface({ input: process.stdin })) console.log(JSON.stringify(answer(JSON.parse(line))));
