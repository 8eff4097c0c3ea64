/**
 * Verifies records that are handed in, for tests that compare this verifier with another one: a JSON object a line in,
 * `{"files": {path: base64}, "pins": {"root", "policy", "seen"}}`; what `--json` prints a line out.
 */

import { createInterface } from "node:readline";
import { InputError } from "../errors.mjs";
import { verifyRecord } from "../record.mjs";

const bytes = (text) => Buffer.from(text, "base64");

/** A place in memory. */
class MemoryPlace {
  constructor(files) {
    this.files = new Map(Object.entries(files));
  }

  async read(path) {
    return this.files.has(path) ? bytes(this.files.get(path)) : null;
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const { files, pins } = JSON.parse(line);
  try {
    const found = await verifyRecord(new MemoryPlace(files), {
      round: pins.round,
      root: pins.root,
      policy: pins.policy === null ? null : bytes(pins.policy),
      seen: pins.seen.map(bytes),
    });
    console.log(JSON.stringify(found));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    console.log(JSON.stringify({ error: error.message }));
  }
}
