/** Policies (C2SP tlog-policy): which logs, which witnesses, and how many of them make a quorum. */

import { cosignedAt } from "./checkpoint.mjs";
import { RecordError } from "./errors.mjs";
import { utf8 } from "./bytes.mjs";
import { COSIGNATURE, ED25519, NoteKey } from "./note.mjs";

const MOST_LINES = 1_000;
const FORBIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f]/;

/** A policy. Made by `parsePolicy`. */
export class Policy {
  logs = [];
  witnesses = new Map();
  groups = new Map();
  quorum = null;

  /** Whether witnesses that are there make what a name stands for. */
  #holds(name, there) {
    const group = this.groups.get(name);
    if (group === undefined) return there.has(name);
    return group.members.filter((member) => this.#holds(member, there)).length >= group.least;
  }

  /** Whether no witness is asked for. */
  get asksNobody() {
    return this.quorum === "none";
  }

  /**
   * When each known witness cosigned a note.
   *
   * @returns {Map<string, bigint>} Only of those who did.
   * @throws {RecordError} A cosignature of one of them is not valid.
   */
  times(note) {
    const found = new Map();
    for (const [name, key] of this.witnesses) {
      const time = cosignedAt(note, key);
      if (time !== null) found.set(name, time);
    }
    return found;
  }

  /** Whether some witnesses make a quorum. */
  isQuorum(times) {
    return this.asksNobody || this.#holds(this.quorum, times);
  }

  /**
   * The earliest time by which a quorum had cosigned.
   *
   * @param {Map<string, bigint>} times
   * @returns {bigint | null} Null if there is none, or nobody is asked.
   */
  quorumTime(times) {
    if (this.asksNobody) return null;
    const sorted = [...times].sort(([, a], [, b]) => (a < b ? -1 : a > b ? 1 : 0));
    const there = new Set();
    for (let i = 0; i < sorted.length; i += 1) {
      there.add(sorted[i][0]);
      if (this.#holds(this.quorum, there)) return sorted[i][1];
    }
    return null;
  }

  /**
   * Check a checkpoint of one of the policy's logs.
   *
   * @param {import("./checkpoint.mjs").Checkpoint} checkpoint
   * @param {NoteKey[]} [logs] Instead of the policy's own.
   * @returns {Map<string, bigint>} When witnesses cosigned it.
   * @throws {RecordError} It is not signed by a known log under its origin, or not cosigned by a quorum.
   */
  accept(checkpoint, logs = this.logs) {
    const known = logs.filter((key) => key.name === checkpoint.origin);
    if (!known.length) throw new RecordError(`the log ${JSON.stringify(checkpoint.origin)} is not known`);
    if (!known.map((key) => checkpoint.note.isSignedBy(key)).includes(true)) {
      throw new RecordError(`the checkpoint of size ${checkpoint.size} is not signed by its log`);
    }
    const times = this.times(checkpoint.note);
    if (!this.isQuorum(times)) {
      throw new RecordError(`the checkpoint of size ${checkpoint.size}: ${times.size} known witnesses are no quorum`);
    }
    return times;
  }
}

/**
 * Read a policy.
 *
 * @param {Uint8Array} bytes
 * @returns {Policy}
 * @throws {RecordError} It is none; the message names the line.
 */
export function parsePolicy(bytes) {
  const lines = utf8(bytes, "the policy").split("\n");
  if (lines.length > MOST_LINES) throw new RecordError(`the policy has more than ${MOST_LINES} lines`);
  const policy = new Policy();
  const used = new Set();
  lines.forEach((line, i) => {
    try {
      if (FORBIDDEN.test(line)) throw new RecordError("a control character");
      const [word, ...rest] = line.split(/[ \t]+/).filter((one) => one);
      if (word === undefined || word.startsWith("#")) return;
      if (!Object.hasOwn(LINES, word)) throw new RecordError("begins with neither log, witness, group nor quorum");
      LINES[word](policy, rest, used);
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      throw new RecordError(`the policy, line ${i + 1}: ${error.message}`);
    }
  });
  if (policy.quorum === null) throw new RecordError("the policy has no line quorum");
  return policy;
}

const LINES = {
  log(policy, words) {
    if (words.length !== 1 && words.length !== 2) throw new RecordError("log, its key, and perhaps an address");
    const key = NoteKey.parse(words[0]);
    if (key.kind !== ED25519) throw new RecordError("the key is not one of a log");
    if (policy.logs.some((one) => one.key === key.key)) throw new RecordError("the key stands there already");
    policy.logs.push(key);
  },

  witness(policy, words) {
    if (words.length !== 2 && words.length !== 3) throw new RecordError("witness, name, key, and perhaps an address");
    const key = NoteKey.parse(words[1]);
    if (key.kind !== COSIGNATURE) throw new RecordError("the key is not one of a witness");
    if ([...policy.witnesses.values()].some((one) => one.key === key.key)) {
      throw new RecordError("the key stands there already");
    }
    policy.witnesses.set(fresh(policy, words[0]), key);
  },

  group(policy, words, used) {
    if (words.length < 3) throw new RecordError("group, name, how many, members");
    const [name, many, ...members] = words;
    for (const member of members) {
      known(policy, member);
      if (used.has(member)) throw new RecordError("a member stands in one group, once");
      used.add(member);
    }
    const number = /^[1-9][0-9]{0,3}$/.test(many) ? Number(many) : Infinity;
    const least = many === "all" ? members.length : many === "any" ? 1 : number;
    if (least > members.length) throw new RecordError("how many is all, any, or a number up to that of the members");
    policy.groups.set(fresh(policy, name), { least, members });
  },

  quorum(policy, words) {
    if (words.length !== 1 || policy.quorum !== null) throw new RecordError("one line quorum, with one name");
    policy.quorum = words[0] === "none" ? "none" : known(policy, words[0]);
  },
};

function fresh(policy, name) {
  if (name === "none" || policy.witnesses.has(name) || policy.groups.has(name)) throw new RecordError("a name is taken");
  return name;
}

function known(policy, name) {
  if (!policy.witnesses.has(name) && !policy.groups.has(name)) throw new RecordError("a name that nothing before has");
  return name;
}
