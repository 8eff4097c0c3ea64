/**
 * Canonical JSON: RFC 8785 over objects, lists, texts, whole numbers up to 2^53 - 1, true, false and null.
 *
 * The reader takes only bytes that the writer would write: no white space, keys in ascending order of their UTF-16 units
 * and each once, the shortest escapes, no fractions, no -0.
 */

import { RecordError } from "./errors.mjs";
import { utf8 } from "./bytes.mjs";

export const DEPTH = 32;
export const LARGEST_JSON = 1 << 20;

const PLAIN = /[^"\\\u0000-\u001f]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)/y;
const SHORT = { '"': '"', "\\": "\\", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
const LONG = /u00([01][0-9a-f])/y;
const HAVE_SHORT = new Set(["08", "09", "0a", "0c", "0d"]);

/** One reading of one text. */
class Reader {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  refuse(why) {
    throw new RecordError(`no canonical JSON at character ${this.at}: ${why}`);
  }

  take(word) {
    if (!this.text.startsWith(word, this.at)) this.refuse(`${word} should stand here`);
    this.at += word.length;
  }

  value(depth) {
    switch (this.text[this.at]) {
      case '"':
        return this.string();
      case "{":
        return this.object(depth);
      case "[":
        return this.list(depth);
      case "t":
        this.take("true");
        return true;
      case "f":
        this.take("false");
        return false;
      case "n":
        this.take("null");
        return null;
      default:
        return this.number();
    }
  }

  number() {
    NUMBER.lastIndex = this.at;
    const found = NUMBER.exec(this.text)?.[0];
    if (found === undefined) this.refuse("a value should stand here");
    const value = Number(found);
    if (found === "-0" || !Number.isSafeInteger(value)) this.refuse("no whole number up to 2^53 - 1");
    this.at += found.length;
    return value;
  }

  string() {
    let out = "";
    this.at += 1;
    for (;;) {
      PLAIN.lastIndex = this.at;
      const part = PLAIN.exec(this.text)[0];
      this.at += part.length;
      out += part;
      const next = this.text[this.at];
      if (next === '"') {
        this.at += 1;
        return out;
      }
      if (next !== "\\") this.refuse("a text is not closed, or has a control character");
      this.at += 1;
      out += this.escaped();
    }
  }

  escaped() {
    const short = SHORT[this.text[this.at]];
    if (short !== undefined) {
      this.at += 1;
      return short;
    }
    LONG.lastIndex = this.at;
    const found = LONG.exec(this.text);
    if (!found || HAVE_SHORT.has(found[1])) this.refuse("an escape that is not the shortest");
    this.at += found[0].length;
    return String.fromCharCode(parseInt(found[1], 16));
  }

  list(depth) {
    if (depth === 0) this.refuse(`nested more than ${DEPTH} deep`);
    const out = [];
    this.at += 1;
    if (this.text[this.at] === "]") {
      this.at += 1;
      return out;
    }
    for (;;) {
      out.push(this.value(depth - 1));
      if (this.text[this.at] === "]") break;
      this.take(",");
    }
    this.at += 1;
    return out;
  }

  object(depth) {
    if (depth === 0) this.refuse(`nested more than ${DEPTH} deep`);
    const out = Object.create(null);
    let before = null;
    this.at += 1;
    if (this.text[this.at] === "}") {
      this.at += 1;
      return out;
    }
    for (;;) {
      if (this.text[this.at] !== '"') this.refuse("a key should stand here");
      const key = this.string();
      if (before !== null && !(before < key)) this.refuse("keys stand in ascending order, each once");
      before = key;
      this.take(":");
      out[key] = this.value(depth - 1);
      if (this.text[this.at] === "}") break;
      this.take(",");
    }
    this.at += 1;
    return out;
  }
}

/**
 * The value that canonical bytes say. Objects have no prototype.
 *
 * @param {Uint8Array} bytes
 * @param {number} [largest] Most bytes that are looked at.
 * @returns {*}
 * @throws {RecordError} They are not canonical.
 */
export function decode(bytes, largest = LARGEST_JSON) {
  if (bytes.length > largest) throw new RecordError(`the JSON has ${bytes.length} bytes, more than ${largest}`);
  const reader = new Reader(utf8(bytes, "the JSON"));
  const value = reader.value(DEPTH);
  if (reader.at !== reader.text.length) reader.refuse("something stands behind the value");
  return value;
}

/**
 * The one text that says a value.
 *
 * @param {*} value
 * @returns {string}
 * @throws {RecordError} It holds what canonical JSON here does not have.
 */
export function encode(value) {
  return write(value, DEPTH);
}

function write(value, depth) {
  if (value === null || value === true || value === false) return String(value);
  if (typeof value === "string") {
    if (!value.isWellFormed()) throw new RecordError("a text has half a surrogate pair");
    return JSON.stringify(value);
  }
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new RecordError(`${value} is no whole number up to 2^53 - 1`);
    return String(value);
  }
  if (depth === 0) throw new RecordError(`nested more than ${DEPTH} deep`);
  if (Array.isArray(value)) return `[${value.map((one) => write(one, depth - 1)).join(",")}]`;
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${write(key, 0)}:${write(value[key], depth - 1)}`).join(",")}}`;
}
