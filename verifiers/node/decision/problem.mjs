/** Errors of this folder. */

/** The decision file, or a file of the round, cannot be read as what it should be. */
export class MalformedError extends Error {
  /** @param {string} where File, key or row. @param {string} what What is wrong with it. */
  constructor(where, what) {
    super(`${where}: ${what}`);
    this.name = "MalformedError";
  }
}

/** The rules, applied to these numbers, give no decision at all; the message says why. */
export class NoDecisionError extends Error {
  /** @param {string} what Why there is none. */
  constructor(what) {
    super(what);
    this.name = "NoDecisionError";
  }
}
