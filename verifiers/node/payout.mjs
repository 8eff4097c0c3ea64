/** The payout tree of a settlement: its root from payouts.json, and the payouts against the awards. */

import { RecordError } from "./errors.mjs";
import { keccak256 } from "./keccak.mjs";
import { hasExactly } from "./shapes.mjs";

const TYPES = ["uint256", "address", "uint256"];
const NUMBER = /^(?:0|[1-9][0-9]{0,77})$/;
const word = (number) => Buffer.from(number.toString(16).padStart(64, "0"), "hex");

/** The account of an address in hexadecimal, its checksum in capitals being right (EIP-55). */
function accountOf(text) {
  const digits = /^0x([0-9a-fA-F]{40})$/.exec(text)?.[1];
  if (digits === undefined) throw new RecordError(`payouts.json: ${JSON.stringify(text)} is no address`);
  const hash = keccak256(Buffer.from(digits.toLowerCase())).toString("hex");
  const right = [...digits.toLowerCase()].map((digit, i) => (parseInt(hash[i], 16) >= 8 ? digit.toUpperCase() : digit));
  if (right.join("") !== digits) throw new RecordError(`payouts.json: the checksum of ${text} is wrong`);
  return BigInt(text);
}

/**
 * Read payouts.json and compute its tree anew.
 *
 * @param {*} document As parsed; its numbers may be of any kind.
 * @returns {{root: string, amounts: bigint[]}}
 */
export function readPayouts(document) {
  const keys = ["format", "leafEncoding", "tree", "values"];
  if (!hasExactly(document, keys)) throw new RecordError(`payouts.json has the keys ${keys.join(", ")}`);
  const { format, leafEncoding, tree, values } = document;
  const known = format === "standard-v1" && JSON.stringify(leafEncoding) === JSON.stringify(TYPES);
  if (!known || !Array.isArray(tree) || !Array.isArray(values) || !values.length) {
    throw new RecordError("payouts.json: not the dump of a standard tree of payouts");
  }
  const amounts = [];
  const leaves = values.map((entry, i) => {
    const value = hasExactly(entry, ["treeIndex", "value"]) && Array.isArray(entry.value) ? entry.value : [];
    const [index, account, amount] = value;
    const good = value.length === 3 && index === String(i) && [account, amount].every((one) => typeof one === "string");
    if (!good || !NUMBER.test(amount) || BigInt(amount) >= 1n << 256n) throw new RecordError(`payouts.json: payout ${i} is none`);
    amounts.push(BigInt(amount));
    return keccak256(keccak256(Buffer.concat([word(BigInt(i)), word(accountOf(account)), word(BigInt(amount))])));
  });
  const nodes = treeOf(leaves);
  const said = nodes.map((node) => `0x${node.toString("hex")}`);
  if (tree.length !== said.length || said.some((node, i) => node !== tree[i])) {
    throw new RecordError("payouts.json: the tree is not that of its payouts");
  }
  values.forEach(({ treeIndex }, i) => {
    if (!nodes[Number(treeIndex)]?.equals(leaves[i])) throw new RecordError(`payouts.json: payout ${i} has another leaf`);
  });
  return { root: nodes[0].toString("hex"), amounts };
}

/** Nodes of the tree: the leaves in ascending order from the end on, and each node above its two children. */
function treeOf(leaves) {
  const sorted = [...leaves].sort(Buffer.compare);
  const nodes = Array(2 * leaves.length - 1);
  sorted.forEach((leaf, i) => {
    nodes[nodes.length - 1 - i] = leaf;
  });
  for (let i = leaves.length - 2; i >= 0; i -= 1) {
    nodes[i] = keccak256(Buffer.concat([nodes[2 * i + 1], nodes[2 * i + 2]].sort(Buffer.compare)));
  }
  return nodes;
}

/**
 * Check that the payouts are the awards above zero, in order, times a power of ten.
 *
 * @param {bigint[]} awards
 * @param {bigint[]} amounts
 */
export function checkAmounts(awards, amounts) {
  const paid = awards.filter((award) => award > 0n);
  const fits = (scale) => amounts.length === paid.length && paid.every((award, i) => award * scale === amounts[i]);
  for (let scale = 1n, digits = 0; digits < 78; scale *= 10n, digits += 1) if (fits(scale)) return scale;
  throw new RecordError("the payouts are not the awards times a power of ten");
}
