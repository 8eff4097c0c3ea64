/** Verifying a record from the bytes of an exported log, step by step. */

import { sha256 } from "./bytes.mjs";
import { openCheckpoint } from "./checkpoint.mjs";
import { checkDecision, ResultError } from "./decision.mjs";
import { InputError, RecordError } from "./errors.mjs";
import { Counting, voidedBy } from "./outcome.mjs";
import { checkAmounts, readPayouts } from "./payout.mjs";
import { parsePolicy } from "./policy.mjs";
import { Replay } from "./replay.mjs";
import { Report, StepFailure } from "./steps.mjs";
import { readCheckpoint, readEntries, readTree } from "./tiles.mjs";

/**
 * What is trusted or was kept beside the record.
 *
 * @typedef {object} Pins
 * @property {string | null} round Id of the round.
 * @property {string | null} root SHA-256 of the leaf of the first root metadata.
 * @property {Buffer | null} policy A C2SP policy.
 * @property {Buffer[]} seen Checkpoints.
 */

/**
 * Verify a record.
 *
 * @param {import("./place.mjs").FolderPlace | import("./place.mjs").UrlPlace} place
 * @param {Pins} pins
 * @returns {Promise<object>} As `--json` prints it.
 * @throws {InputError} What was asked for cannot be read.
 * @throws {import("./errors.mjs").OutsideError} The place does not answer.
 */
export async function verifyRecord(place, pins) {
  const report = new Report();
  try {
    await steps(report, place, pins);
  } catch (error) {
    if (!(error instanceof StepFailure)) throw error;
    report.say(error.step, "failed", error.message, error.entry);
  }
  return report.value();
}

async function steps(report, place, pins) {
  const policy = pins.policy === null ? null : asked("the policy", () => parsePolicy(pins.policy));
  const seen = pins.seen.map((bytes) => asked("a checkpoint that was seen", () => openCheckpoint(bytes)));
  const head = await checkpointOf(place);
  Object.assign(report.about, { size: Number(head.size), root: head.root.toString("hex") });
  if (policy !== null) inStep("tree", () => policy.accept(head));
  const { tree, replay, first } = await read(place, head, pins.round);
  if (replay.round !== null) report.about.round = replay.round.manifest.round;
  checkSignature(report, replay, head);
  checkHistory(report, seen, head, tree);
  checkKeys(report, replay, head, pins.root, first);
  if (pins.round === null && replay.rounds.size > 1) {
    throw new InputError(`the log has the rounds ${[...replay.rounds].join(", ")}; name one with --round`);
  }
  if (policy === null) report.notes.push("no policy was pinned: the witnesses are those that the manifest names");
  checkFaults(report, replay, "entries");
  if (replay.round === null) throw new StepFailure("entries", `the log has no manifest of ${pins.round ?? "a round"}`);
  const counting = inStep("entries", () => new Counting(replay.round, replay.size));
  tell(report, replay, counting);
  report.say("entries", "ok", `${replay.size} entries; ${counting.counted} answers, lists and contributions count`);
  checkFaults(report, replay, "openings");
  checkAttested(report, replay.round, counting);
  if (counting.result === null) {
    report.notes.push("there is no result yet: the round is open, or waits for one");
    return;
  }
  const document = await decide(report, replay.round, counting);
  pay(report, replay.round, counting, document);
  report.say("chain", "not checked", "no contract is asked here");
}

/** The checkpoint that is shown. */
async function checkpointOf(place) {
  try {
    return openCheckpoint(await readCheckpoint(place));
  } catch (error) {
    throw error instanceof RecordError ? new StepFailure("tree", error.message, error.entry ?? null) : error;
  }
}

/** The tree, and the state behind its last entry. */
async function read(place, head, round) {
  try {
    const tree = await readTree(place, head);
    const replay = new Replay(tree, round);
    let first = null;
    for await (const leaf of readEntries(place, tree)) {
      first ??= sha256(leaf).toString("hex");
      replay.add(leaf);
    }
    return { tree, replay, first };
  } catch (error) {
    throw error instanceof RecordError ? new StepFailure("tree", error.message, error.entry ?? null) : error;
  }
}

/** The checkpoint is signed by the log's keys, as root metadata has them now, and by the manifest's witnesses. */
function checkSignature(report, { keys, round, size }, head) {
  if (keys.root === null) return;
  const witnesses = round?.manifest.policy ?? parsePolicy(Buffer.from("quorum none\n"));
  const times = inStep("tree", () => witnesses.accept(head, keys.logs));
  report.say("tree", "ok", `${size} entries, signed by the log and cosigned by ${times.size} known witnesses`);
}

function checkHistory(report, seen, head, tree) {
  for (const { origin, size, root } of seen) {
    if (origin !== head.origin) throw new StepFailure("history", `a checkpoint was seen of another log, ${origin}`);
    if (size > head.size) throw new StepFailure("history", `the log had ${size} entries and has ${head.size}`);
    if (!tree.root(Number(size)).equals(root)) throw new StepFailure("history", `its first ${size} entries were others`);
  }
  if (seen.length) report.say("history", "ok", `grew from ${seen.length} checkpoints that were seen before`);
  else report.say("history", "not checked", "no checkpoint was seen before");
}

function checkKeys(report, replay, head, pinned, first) {
  checkFaults(report, replay, "keys");
  const { root } = replay.keys;
  if (root === null) throw new StepFailure("keys", "the log does not begin with root metadata", 0);
  if (pinned !== null && pinned !== first) throw new StepFailure("keys", `version 1 is ${first}, not ${pinned}`, 0);
  if (root.origin !== head.origin) throw new StepFailure("keys", "root metadata is for another log");
  if (pinned === null) report.notes.push(`no root metadata was pinned; compare with what the stewards say: ${first}`);
  report.say("keys", "ok", `root metadata up to version ${root.version}`);
}

/** The first fault of a step that no intervention lifts. */
function checkFaults(report, { faults, round }, step) {
  const voided = voidedBy(round?.interventions ?? []);
  const own = faults.filter((fault) => fault.step === step);
  const first = own.find(({ hash, liftable }) => !liftable || !voided.has(hash));
  if (first) throw new StepFailure(step, first.message, first.place);
  if (own.length) report.notes.push(`${own.length} faulty entries (${step}) were voided by stewards`);
}

function tell(report, { passedOver }, counting) {
  const { manifest } = counting.round;
  const places = (entries) => entries.map(({ place }) => place);
  Object.assign(report.about, {
    counted: counting.counted,
    late: places(counting.late),
    void: counting.result?.value.void ?? [],
    unopened: places(counting.unopened),
    files: counting.filesHash,
    ended: counting.ends,
  });
  if (manifest.policy.asksNobody) report.notes.push("no witness is asked for: no time is proven");
  const unsigned = [...manifest.unsigned];
  if (unsigned.length) report.notes.push(`not signed by those who answered: ${unsigned.join(", ")}`);
  if (passedOver) report.notes.push(`${passedOver} entries of other rounds were passed over`);
}

/** Every secret commit that counts is attested by the trustees. */
function checkAttested(report, { commits }, { secret, attestation, result, unopened }) {
  const attested = new Set(attestation?.value.commits ?? []);
  const missing = secret.find(({ hash }) => !attested.has(hash));
  if (missing && result !== null) {
    throw new StepFailure("openings", "the trustees do not attest this secret commit", missing.place);
  }
  const sealed = `${commits.size} commits, ${unopened.length} not opened, ${secret.length} secret`;
  report.say("openings", "ok", commits.size ? sealed : "nothing was sealed");
}

async function decide(report, round, counting) {
  try {
    const { document, message } = await checkDecision(round, counting, report.notes);
    report.say("decision", "ok", message);
    return document;
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    throw new StepFailure("decision", error.message, error instanceof ResultError ? error.entry : counting.result.place);
  }
}

function pay(report, round, { result }, document) {
  if (document === null) {
    report.say("payout", "not checked", "decision.json was not read");
    return;
  }
  const awards = document.projects.map(({ award }) => award.amount);
  const fail = (message) => {
    throw new StepFailure("payout", message, result.place);
  };
  if (awards.reduce((a, b) => a + b, 0n) + document.unallocated > document.budget.amount) fail("awards exceed the budget");
  const said = result.value.payout;
  if (said === null) {
    report.say("payout", "not checked", "the result names no payouts; the awards stay within the budget");
    return;
  }
  try {
    const { root, amounts } = readPayouts(JSON.parse(round.pieces.file(said, "payouts.json").toString()));
    if (root !== said.root) fail(`payouts.json has the root ${root}`);
    report.say("payout", "ok", `${amounts.length} payouts are the awards times ${checkAmounts(awards, amounts)}`);
  } catch (error) {
    if (error instanceof RecordError || error instanceof SyntaxError) fail(error.message);
    throw error;
  }
}

function inStep(step, check) {
  try {
    return check();
  } catch (error) {
    throw error instanceof RecordError ? new StepFailure(step, error.message) : error;
  }
}

function asked(what, read) {
  try {
    return read();
  } catch (error) {
    throw error instanceof RecordError ? new InputError(`${what}: ${error.message}`) : error;
  }
}
