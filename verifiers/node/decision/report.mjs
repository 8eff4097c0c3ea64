/** What was compared, what was not and why, and what differs. */

/**
 * @typedef {{project: string | null, key: string, said: string, found: string}} Problem
 * @typedef {{checked: string[], unchecked: {what: string, why: string}[], problems: Problem[]}} Outcome
 */

/** A value as text: whole numbers in all their digits, lists and tables as JSON. */
function shown(value) {
  if (value === undefined) return "nothing";
  if (typeof value === "string") return value;
  if (typeof value === "bigint" || value === null) return String(value);
  return JSON.stringify(value, (_, part) => (typeof part === "bigint" ? part.toString() : part));
}

/** Collects comparisons; each is named once, however many projects it is made for. */
export class Report {
  #checked = new Set();
  #unchecked = [];
  #problems = [];

  /**
   * Compare what the file says with what was found.
   *
   * @param {string | null} project Id; null for what belongs to the round.
   * @param {string} key As in the decision file.
   * @param {*} said By the file.
   * @param {*} found By recomputing.
   */
  compare(project, key, said, found) {
    this.names(key);
    if (shown(said) !== shown(found)) this.problem(project, key, said, found);
  }

  /** Say that something was compared. @param {string} key */
  names(key) {
    this.#checked.add(key);
  }

  /** Say that something differs. */
  problem(project, key, said, found) {
    this.#problems.push({ project, key, said: shown(said), found: shown(found) });
  }

  /** Say that something was not compared. @param {string} what @param {string} why */
  skip(what, why) {
    this.#unchecked.push({ what, why });
  }

  /** @returns {Outcome} */
  outcome() {
    return { checked: [...this.#checked], unchecked: this.#unchecked, problems: this.#problems };
  }
}
