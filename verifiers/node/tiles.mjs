/** Reading the entries of an exported log (C2SP tlog-tiles), each against the tree, the tree against the checkpoint. */

import { RecordError } from "./errors.mjs";
import { Tree, leafHash } from "./merkle.mjs";

const WIDTH = 256;
const HASH = 32;

/** A fault of the tree, with the entry where it shows, if one entry does. */
export class TreeError extends RecordError {
  constructor(message, entry = null) {
    super(message);
    this.entry = entry;
  }
}

/** Path of a tile: its number in groups of three digits, and its width if it is not whole. */
export function tilePath(level, number, width = WIDTH) {
  const digits = String(number);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/.{3}/g);
  const name = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join("/");
  return `tile/${level}/${name}${width === WIDTH ? "" : `.p/${width}`}`;
}

/** A tile or bundle; of one that is whole by now, its beginning. */
async function fetch(place, level, number, width) {
  const part = await place.read(tilePath(level, number, width));
  if (part !== null || width === WIDTH) return part;
  return place.read(tilePath(level, number));
}

/** The checkpoint's bytes. */
export async function readCheckpoint(place) {
  const bytes = await place.read("checkpoint");
  if (bytes === null) throw new RecordError("there is no checkpoint: this is no exported log");
  return bytes;
}

/** Numbers and widths of the tiles of a level that has so many hashes. */
function* tilesOf(count) {
  for (let number = 0; number * WIDTH < count; number += 1) {
    yield [number, Math.min(WIDTH, count - number * WIDTH)];
  }
}

async function readTile(place, level, number, width) {
  const path = tilePath(level, number, width);
  const data = await fetch(place, level, number, width);
  if (data === null) throw new TreeError(`${path} is not there`);
  if (data.length !== width * HASH && data.length !== WIDTH * HASH) throw new TreeError(`${path} has another length`);
  return data.subarray(0, width * HASH);
}

/**
 * The tree that the tiles say, compared with the root.
 *
 * @param {import("./place.mjs").FolderPlace | import("./place.mjs").UrlPlace} place
 * @param {import("./checkpoint.mjs").Checkpoint} checkpoint
 * @returns {Promise<Tree>}
 * @throws {TreeError} Tiles are missing, or do not give the root.
 */
export async function readTree(place, checkpoint) {
  if (checkpoint.size > 2n ** 32n) throw new TreeError(`a tree of ${checkpoint.size} entries is too large to check`);
  const size = Number(checkpoint.size);
  const tree = new Tree();
  for (const [number, width] of tilesOf(size)) {
    const tile = await readTile(place, 0, number, width);
    for (let at = 0; at < tile.length; at += HASH) tree.add(Buffer.from(tile.subarray(at, at + HASH)));
  }
  if (!tree.root().equals(checkpoint.root)) throw new TreeError("the tiles do not give the root of the checkpoint");
  for (let level = 1, count = Math.floor(size / WIDTH); count > 0; level += 1, count = Math.floor(count / WIDTH)) {
    for (const [number, width] of tilesOf(count)) {
      const tile = await readTile(place, level, number, width);
      for (let i = 0; i < width; i += 1) {
        const hash = tree.subtree(8 * level, number * WIDTH + i);
        if (!hash.equals(tile.subarray(i * HASH, (i + 1) * HASH))) {
          throw new TreeError(`${tilePath(level, number, width)} is not of this tree`);
        }
      }
    }
  }
  return tree;
}

/**
 * All entries, each compared with its hash in the tree.
 *
 * @param {import("./place.mjs").FolderPlace | import("./place.mjs").UrlPlace} place
 * @param {Tree} tree
 * @returns {AsyncGenerator<Buffer>}
 */
export async function* readEntries(place, tree) {
  for (const [number, width] of tilesOf(tree.size)) {
    const path = tilePath("entries", number, width);
    const data = await fetch(place, "entries", number, width);
    const first = number * WIDTH;
    if (data === null) throw new TreeError(`${path} is not there`, first);
    let at = 0;
    let count = 0;
    while (at < data.length) {
      const end = at + 2 <= data.length ? at + 2 + data.readUInt16BE(at) : Infinity;
      if (end > data.length) throw new TreeError(`${path} breaks off in entry ${first + count}`, first + count);
      if (count < width) {
        const leaf = data.subarray(at + 2, end);
        if (!leafHash(leaf).equals(tree.leaf(first + count))) {
          throw new TreeError(`entry ${first + count} is not the one of the tree`, first + count);
        }
        yield leaf;
      }
      count += 1;
      at = end;
    }
    if (count !== width && count !== WIDTH) throw new TreeError(`${path} has ${count} entries`, first + count);
  }
}
