/** Where published test vectors lie; they are read, never copied. */

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = process.env.DACCORD_VECTORS ?? fileURLToPath(new URL("../../../../shared/vectors", import.meta.url));

/** Path of a part of them. */
export const vectors = (...parts) => join(ROOT, ...parts);

/** Options of a test that needs a part of them: skipped with a reason if it is not there. */
export const needs = (...parts) => ({
  skip: existsSync(vectors(...parts)) ? false : "no published vectors: set DACCORD_VECTORS to their folder",
});

/** A JSON file of them. */
export const json = (...parts) => JSON.parse(readFileSync(vectors(...parts), "utf8"));

/** All files below a part of them. */
export function* below(...parts) {
  for (const name of readdirSync(vectors(...parts)).sort()) {
    const path = [...parts, name];
    if (statSync(vectors(...path)).isDirectory()) yield* below(...path);
    else yield path;
  }
}
