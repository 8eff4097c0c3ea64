/** Compare the second verifier with record.json and record-faulty.json; prints what differs, nothing if all agrees. */

import { readFileSync } from "node:fs";
import { decode } from "../../verifiers/node/canonical.mjs";
import { leafHash, Tree } from "../../verifiers/node/merkle.mjs";
import { Counting } from "../../verifiers/node/outcome.mjs";
import { Replay } from "../../verifiers/node/replay.mjs";

const read = (name) => JSON.parse(readFileSync(new URL(name, import.meta.url), "utf-8"));
const record = read("record.json");
const leaves = record.log.map(({ leaf }) => Buffer.from(leaf));
let differences = 0;

function compare(what, said, found) {
  if (JSON.stringify(said) === JSON.stringify(found)) return;
  differences += 1;
  console.log(`${what}: the vectors say ${JSON.stringify(said)}, the verifier ${JSON.stringify(found)}`);
}

function replayed(round, entries) {
  const tree = new Tree();
  for (const leaf of entries) tree.add(leafHash(leaf));
  const replay = new Replay(tree, round);
  for (const leaf of entries) replay.add(leaf);
  return replay;
}

function isCanonical(text) {
  try {
    decode(Buffer.from(text));
    return true;
  } catch {
    return false;
  }
}

for (const text of record.canonical.taken) compare(text, true, isCanonical(text));
for (const text of record.canonical.refused) compare(text, false, isCanonical(text));
for (const [round, said] of Object.entries(record.rounds)) {
  const replay = replayed(round, leaves);
  const found = new Counting(replay.round, leaves.length);
  compare(`${round}: faults`, [], replay.faults);
  compare(`${round}: ends`, said.ends, found.ends);
  compare(`${round}: counted`, said.counted, found.counted);
  compare(`${round}: late`, said.late, found.late.map(({ place }) => place));
  compare(`${round}: not opened`, said.unopened, found.unopened.map(({ place }) => place));
  compare(`${round}: files`, said.files_hash, found.filesHash);
}
for (const { kind, name, round, at, step, leaf } of read("record-faulty.json").faulty) {
  const { faults } = replayed(round, [...leaves.slice(0, at), Buffer.from(leaf)]);
  compare(`${kind}: ${name}`, [{ place: at, step }], faults.map(({ place, step }) => ({ place, step })));
}
process.exitCode = differences ? 1 : 0;
