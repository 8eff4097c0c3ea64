/** Our own vectors, of the sources, and what a reader must refuse. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { decode, encode } from "../canonical.mjs";
import { readRows, writeRow } from "../csv.mjs";
import { Envelope } from "../envelope.mjs";
import { checkOpening, checkShare, parseCommit, recover } from "../escrow.mjs";
import { listFile } from "../files.mjs";
import { keccak256 } from "../keccak.mjs";
import { parsePayload } from "../payloads.mjs";
import { checkAmounts, readPayouts } from "../payout.mjs";
import { openPlace } from "../place.mjs";
import { readHead } from "../round-head.mjs";
import { tilePath } from "../tiles.mjs";

const vectors = (name) => JSON.parse(readFileSync(new URL(`../../../tests/vectors/${name}`, import.meta.url), "utf8"));
const sealingOf = ({ trustees, threshold }) => ({
  threshold,
  trustees: new Map(trustees.map(({ id, public: key }) => [id, Buffer.from(key, "hex")])),
});

test("canonical JSON: what is refused", () => {
  const bad = [
    "", " 1", "1 ", "-0", "01", "1.0", "1e2", "NaN", "9007199254740992", "-9007199254740992", "tru", '"', '"\\/"', '"\\u0041"',
    '"\\u000a"', '"\\u001F"', '"\t"', '"\\ud800"', "[1,]", "[,1]", "{}}", '{"b":1,"a":2}', '{"a":1,"a":1}', '{"a": 1}', "{a:1}",
    '{"\u{1f600}":1,"\ufb01":2}'.replace("1,", "1 ,"), '{"\ufb01":1,"\u{1f600}":2}', `${"[".repeat(33)}${"]".repeat(33)}`,
  ];
  for (const text of bad) assert.throws(() => decode(Buffer.from(text)), /canonical|nested/, text);
  for (const bytes of [[0xff], [0x22, 0xed, 0xa0, 0x80, 0x22], [0xef, 0xbb, 0xbf, 0x31]]) assert.throws(() => decode(Buffer.from(bytes)));
  const good = ['"\\u001f\\n"', "9007199254740991", "-1", '{"":1,"\u{1f600}":1,"\ufb01":2}', `${"[".repeat(32)}${"]".repeat(32)}`, '{"__proto__":1}'];
  for (const text of good) decode(Buffer.from(text));
  assert.equal(decode(Buffer.from('{"__proto__":7}')).__proto__, 7);
});

const { cases: COMMITS, refused: REFUSED } = vectors("sealed.json");

/** A commit through all that its entry passes but signatures. */
function commitOf(sealed, { juror, seq, ...place }, sealing) {
  const payload = encode({ ...place, juror, seq, secret: false, ...sealed });
  const type = "application/vnd.daccord.commit.v1+json";
  return parseCommit(parsePayload("commit", new Envelope(type, Buffer.from(payload), [])), sealing);
}

test("sealed answers: openings, shares, and the commits made anew", () => {
  for (const one of COMMITS) {
    const { context, threshold } = one;
    const sealing = sealingOf(one);
    const commit = commitOf(one.sealed, context, sealing);
    const opening = Buffer.from(one.opening);
    assert.deepEqual(checkOpening(commit, opening, context, sealing), decode(opening));
    assert.throws(() => checkOpening(commit, opening, { ...context, seq: context.seq + 1 }, sealing), /another seq/);
    const shares = one.plain.map((share, i) => [i + 1, share]);
    for (const [index, share] of shares) checkShare(commit, index, share);
    for (const some of [shares, shares.slice(-threshold)]) {
      assert.deepEqual(recover(commit, new Map(some), context, sealing), decode(opening));
    }
  }
  assert.equal(COMMITS.length, 7);
});

test("sealed answers: hostile commits fail where they are said to", () => {
  const sealing = sealingOf(COMMITS[0]);
  for (const one of REFUSED) {
    const context = one.context ?? COMMITS[0].context;
    let step = "shape";
    const run = () => {
      const commit = commitOf(one.sealed, context, sealing);
      if (one.opening !== undefined) {
        step = "reveal";
        checkOpening(commit, Buffer.from(one.opening), context, sealing);
      }
      step = "share";
      const shares = new Map(Object.entries(one.shares).map(([index, share]) => [Number(index), share]));
      for (const [index, share] of shares) checkShare(commit, index, share);
      step = shares.size < sealing.threshold ? "few" : "open";
      recover(commit, shares, context, sealing);
    };
    assert.throws(run, { name: "RecordError" }, one.name);
    // Who the trustees are is seen when a commit is read; the vectors' reader has not been told.
    const expected = one.name === "a trustee too few, and revealed" ? "shape" : one.fails;
    assert.equal(step, expected, one.name);
  }
  assert.equal(REFUSED.length, 29);
});

test("payouts: the trees of the vectors", () => {
  const { trees } = vectors("payouts.json");
  for (const { payouts, leaves, nodes, root } of trees) {
    const dump = {
      format: "standard-v1",
      leafEncoding: ["uint256", "address", "uint256"],
      tree: nodes.map((node) => `0x${node}`),
      values: payouts.map(({ index, account, amount }, i) => {
        return { value: [String(index), account, amount], treeIndex: nodes.indexOf(leaves[i]) };
      }),
    };
    assert.equal(readPayouts(dump).root, root);
    const more = structuredClone(dump);
    more.values[0].value[2] += "0";
    assert.throws(() => readPayouts(more), /not that of its payouts/);
  }
  assert.ok(trees.length > 5);
});

test("keccak-256 of nothing, and of more than a block", () => {
  assert.equal(keccak256(Buffer.alloc(0)).toString("hex"), "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
  assert.notDeepEqual(keccak256(Buffer.alloc(135)), keccak256(Buffer.alloc(136)));
});

test("payouts are awards times a power of ten", () => {
  assert.equal(checkAmounts([5n, 0n, 7n], [5000n, 7000n]), 1000n);
  assert.throws(() => checkAmounts([5n, 7n], [7n, 5n]), /power of ten/);
});

test("rows of a table", () => {
  assert.deepEqual(readRows('a,"b ""c"""\r\n\n"x\ny",\n', "it"), [["a", 'b "c"'], ["x\ny", ""]]);
  for (const text of ['"a"b\n', 'a"b\n', '"a', "a\rb"]) assert.throws(() => readRows(text, "it"), /belongs to no cell/, text);
  assert.equal(writeRow(["a b", 'c"', "d,", "é"]), 'a b,"c""","d,",é\n');
});

test("names of lists", () => {
  assert.equal(listFile("maker/model 'é'(*)!"), "lists/maker%2Fmodel%20%27%C3%A9%27%28%2A%29%21.csv");
  assert.equal(listFile("..a_b-c~1.2"), "lists/%2E.a_b-c~1.2.csv");
});

test("seed and budget of round.toml, as far as they are plain", () => {
  const text = `\ufeffseed = 7 # of draws\n[goal]\nstatement = """\nseed = 9\n"""\n[ budget ]\namount = "1_000.50"\ncurrency = 'USD'\r\ndigits = 2\n[x]\namount = 3`;
  assert.deepEqual(readHead(text), { seed: 7n, amount: 100_050n, currency: "USD", digits: 2n });
  assert.deepEqual(readHead("[budget]\namount = 12\ndigits = 1"), { seed: 0n, amount: 120n, currency: undefined, digits: 1n });
  assert.equal(readHead('budget = { amount = "1" }\nseed = 0x10').amount, undefined);
  assert.equal(readHead("seed = 0x10").seed, undefined);
  assert.equal(readHead('[budget]\namount = "1.005"\ndigits = 2').amount, undefined);
});

test("places and paths", async () => {
  assert.equal(tilePath(0, 1_234_067), "tile/0/x001/x234/067");
  assert.equal(tilePath("entries", 273, 112), "tile/entries/273.p/112");
  for (const place of ["http://user@log.example/", "http://log.example/?a=b", "/nowhere/at/all", import.meta.filename]) {
    await assert.rejects(openPlace(place), { name: "InputError" });
  }
});
