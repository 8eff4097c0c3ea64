/**
 * JSON with exact numbers.
 *
 * Amounts can be larger than 2^53 and parameters count as they are written, so no number may pass through a double
 * unseen: whole numbers become BigInt, and all others a `Real`, which keeps its text.
 */

import { MalformedError } from "./problem.mjs";

const SPACE = /[ \t\n\r]*/y;
const STRING = /"[^"\\\u0000-\u001f]*(?:\\.[^"\\\u0000-\u001f]*)*"/y; // unrolled: no way back in a text without end
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const WORDS = new Map([["true", true], ["false", false], ["null", null]]);
const MOST_DIGITS = 5_000;
const MOST_DEPTH = 64;

/** A number with a fraction or an exponent, as the file writes it. */
export class Real {
  /** @param {string} text Its digits. */
  constructor(text) {
    this.text = text;
  }
}

/**
 * Parse JSON strictly: no key twice in an object, no lone surrogates, nothing behind the value.
 *
 * @param {string | Uint8Array} source Text, or its UTF-8 bytes.
 * @param {string} name What to call the source in errors.
 * @returns {*} Objects without prototype, arrays, strings, booleans, null, BigInt and `Real`.
 * @throws {MalformedError} It is not JSON.
 */
export function parseJson(source, name = "decision.json") {
  return new Parser(typeof source === "string" ? source : decoded(source, name), name).whole();
}

/**
 * @param {Uint8Array} bytes UTF-8, with or without a byte order mark.
 * @param {string} name What to call them in errors.
 * @throws {MalformedError} They are not UTF-8.
 */
export function decoded(bytes, name) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new MalformedError(name, "it is not UTF-8");
  }
}

class Parser {
  constructor(text, name) {
    this.text = text;
    this.name = name;
    this.at = 0;
  }

  whole() {
    const value = this.value(0);
    this.space();
    if (this.at !== this.text.length) this.fail("something stands behind the value");
    return value;
  }

  fail(what) {
    const row = this.text.slice(0, this.at).split("\n").length;
    throw new MalformedError(`${this.name}, row ${row}`, what);
  }

  space() {
    SPACE.lastIndex = this.at;
    SPACE.exec(this.text);
    this.at = SPACE.lastIndex;
  }

  /** The next token if it matches, else null. */
  take(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found) this.at = pattern.lastIndex;
    return found;
  }

  /** Whether the next character is this one; if so it is passed over. */
  passes(character) {
    this.space();
    if (this.text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  value(depth) {
    if (depth > MOST_DEPTH) this.fail("it is nested too deeply");
    this.space();
    if (this.passes("{")) return this.object(depth);
    if (this.passes("[")) return this.list(depth);
    if (this.text[this.at] === '"') return this.string();
    for (const [word, value] of WORDS) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return value;
      }
    }
    return this.number();
  }

  number() {
    const found = this.take(NUMBER);
    if (!found) this.fail("a value is expected");
    if (found[0].length > MOST_DIGITS) this.fail("a number has too many digits");
    return found[1] || found[2] ? new Real(found[0]) : BigInt(found[0]);
  }

  string() {
    const found = this.take(STRING);
    if (!found) this.fail("a text does not end");
    let value;
    try {
      value = JSON.parse(found[0]);
    } catch {
      this.fail("a text has an unknown escape");
    }
    if (!value.isWellFormed()) this.fail("a text has half a character");
    return value;
  }

  list(depth) {
    const out = [];
    if (this.passes("]")) return out;
    do out.push(this.value(depth + 1));
    while (this.passes(","));
    if (!this.passes("]")) this.fail("a list does not end");
    return out;
  }

  object(depth) {
    const out = Object.create(null);
    if (this.passes("}")) return out;
    do {
      this.space();
      const key = this.string();
      if (key in out) this.fail(`the key ${JSON.stringify(key)} stands there twice`);
      if (!this.passes(":")) this.fail("a colon is missing");
      out[key] = this.value(depth + 1);
    } while (this.passes(","));
    if (!this.passes("}")) this.fail("an object does not end");
    return out;
  }
}
