/** Steps of a verification, in their order, and the first one that fails. */

export const STEPS = ["tree", "history", "keys", "entries", "openings", "decision", "payout", "chain"];

/** A step that fails. */
export class StepFailure extends Error {
  /**
   * @param {string} step
   * @param {string} message
   * @param {number | null} [entry] Place in the log, if it is one entry's fault.
   */
  constructor(step, message, entry = null) {
    super(message);
    this.step = step;
    this.entry = entry;
  }
}

/** What was found so far. */
export class Report {
  #steps = new Map();
  notes = [];
  /** Further keys of the object that is printed. */
  about = {
    round: "",
    size: 0,
    root: "",
    counted: 0,
    late: [],
    void: [],
    unopened: [],
    files: null,
    ended: { judging: null, reveal: null },
  };

  /** Say what a step came to. */
  say(step, state, message, entry = null) {
    this.#steps.set(step, { step, state, entry, message });
  }

  /** The object that `--json` prints. Steps behind one that failed are skipped. */
  value() {
    let failed = false;
    const steps = STEPS.map((step) => {
      const silent = { step, state: failed ? "skipped" : "not checked", entry: null, message: "" };
      const found = failed ? silent : (this.#steps.get(step) ?? silent);
      failed ||= found.state === "failed";
      return found;
    });
    return { ok: !failed, steps, ...this.about, notes: this.notes };
  }
}

/** The same for people: a line a step, then what to know beside. */
export function toText({ ok, steps, round, size, root, counted, late, void: left, unopened, notes }) {
  const lines = steps.map(({ step, state, entry, message }) => {
    const where = entry === null ? "" : ` (entry ${entry})`;
    return `${step.padEnd(9)} ${state}${where}${message ? `: ${message}` : ""}`;
  });
  lines.push("", `round ${round || "not known"}, ${size} entries, root ${root || "not known"}`);
  lines.push(`${counted} count, ${late.length} late, ${left.length} void, ${unopened.length} not opened`);
  lines.push(...notes.map((note) => `note: ${note}`), "", ok ? "The record holds." : "The record does NOT hold.");
  return lines.join("\n");
}
