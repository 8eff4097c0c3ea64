#!/usr/bin/env node
/**
 * Verify the record of a round.
 *
 *     node verifiers/node/verify.mjs PATH_OR_URL [--round ID] [--root SHA256HEX] [--policy FILE]
 *                                    [--seen CHECKPOINT_FILE ...] [--json]
 *
 * Exit code 0: the record holds; 1: it does not; 2: what was asked for cannot be read; 3: something outside failed.
 */

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { isHex } from "./bytes.mjs";
import { InputError, OutsideError } from "./errors.mjs";
import { openPlace } from "./place.mjs";
import { verifyRecord } from "./record.mjs";
import { toText } from "./steps.mjs";

const USAGE = "usage: verify.mjs PATH_OR_URL [--round ID] [--root SHA256HEX] [--policy FILE] [--seen FILE ...] [--json]";
const OPTIONS = {
  round: { type: "string" },
  root: { type: "string" },
  policy: { type: "string" },
  seen: { type: "string", multiple: true, default: [] },
  json: { type: "boolean", default: false },
};

function readArguments(words) {
  try {
    const { values, positionals } = parseArgs({ args: words, options: OPTIONS, allowPositionals: true });
    if (positionals.length === 1) return { ...values, place: positionals[0] };
  } catch (error) {
    throw new InputError(`${error.message}\n${USAGE}`);
  }
  throw new InputError(USAGE);
}

function readFile(name) {
  try {
    return readFileSync(name);
  } catch (error) {
    throw new InputError(`${name} cannot be read: ${error.code}`);
  }
}

async function main(words) {
  const { place, round, root, policy, seen, json } = readArguments(words);
  if (root !== undefined && !isHex(root, 32)) throw new InputError("--root takes 64 hexadecimal digits in lower case");
  const found = await verifyRecord(await openPlace(place), {
    round: round ?? null,
    root: root ?? null,
    policy: policy === undefined ? null : readFile(policy),
    seen: seen.map(readFile),
  });
  console.log(json ? JSON.stringify(found) : toText(found));
  return found.ok ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof InputError) && !(error instanceof OutsideError)) throw error;
  console.error(`error: ${error.message}`);
  process.exitCode = error instanceof InputError ? 2 : 3;
}
