/**
 * projects.toml: the part of TOML that a list of projects needs.
 *
 * Tables `[[project]]` with keys that hold texts, whole numbers or lists of texts. A file that says the same in another
 * way (inline tables, dotted keys) is not wrong; it is not understood here, and the error says where.
 */

import { decoded } from "./json.mjs";
import { MalformedError } from "./problem.mjs";

const BLANK = /(?:[ \t\r\n]|#[^\n]*)*/y;
const SPACE = /[ \t]*/y;
const LINE_END = /[ \t]*(?:#[^\n]*)?(?:\r?\n|$)/y;
const HEADER = /\[\[[ \t]*project[ \t]*\]\]/y;
const KEY = /([A-Za-z0-9_-]+)[ \t]*=/y;
const NUMBER = /[0-9](?:_?[0-9])*(?:\.[0-9](?:_?[0-9])*)?(?![0-9A-Za-z_.:-])/y;
// Unrolled, so that a text without end is given up at once.
const TEXTS = [
  [/"""(?:\r?\n)?([^\\"]*(?:(?:\\[^]|"{1,2}(?!"))[^\\"]*)*"{0,2})"""/y, true],
  [/'''(?:\r?\n)?([^']*(?:'{1,2}(?!')[^']*)*'{0,2})'''/y, false],
  [/"([^\\"\r\n]*(?:\\.[^\\"\r\n]*)*)"/y, true],
  [/'([^'\r\n]*)'/y, false],
];
const ESCAPES = { b: "\b", t: "\t", n: "\n", f: "\f", r: "\r", '"': '"', "\\": "\\" };

/**
 * @param {Uint8Array} bytes Of projects.toml.
 * @returns {Record<string, string | string[]>[]} The tables, without prototype.
 * @throws {MalformedError} It is no TOML, or more than is understood here.
 */
export function readProjectsToml(bytes) {
  return new Reader(decoded(bytes, "projects.toml")).tables();
}

class Reader {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  fail(what) {
    const row = this.text.slice(0, this.at).split("\n").length;
    throw new MalformedError(`projects.toml, row ${row}`, what);
  }

  take(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found) this.at = pattern.lastIndex;
    return found;
  }

  tables() {
    const out = [];
    for (this.take(BLANK); this.at < this.text.length; this.take(BLANK)) {
      if (this.take(HEADER)) {
        out.push(Object.create(null));
      } else {
        const key = this.take(KEY)?.[1];
        if (key === undefined) this.fail("a key or [[project]] is expected");
        const table = out.at(-1) ?? this.fail("a key stands before the first [[project]]");
        if (key in table) this.fail(`${key} stands there twice`);
        this.take(SPACE);
        table[key] = this.text[this.at] === "[" ? this.list() : this.single();
      }
      if (!this.take(LINE_END)) this.fail("something stands behind a value");
    }
    return out;
  }

  list() {
    const out = [];
    this.at += 1;
    for (this.take(BLANK); this.text[this.at] !== "]"; this.take(BLANK)) {
      out.push(this.single());
      this.take(BLANK);
      if (this.text[this.at] === ",") this.at += 1;
      else if (this.text[this.at] !== "]") this.fail("a list does not end");
    }
    this.at += 1;
    return out;
  }

  /** A text; a number is given as it is written. */
  single() {
    for (const [pattern, escapes] of TEXTS) {
      const found = this.take(pattern);
      if (found) return escapes ? this.unescaped(found[1]) : found[1];
    }
    return this.take(NUMBER)?.[0] ?? this.fail("a text is expected");
  }

  unescaped(text) {
    return text.replace(/\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[ \t]*\r?\n[ \t\r\n]*|[^])/g, (_, mark) => {
      if (mark.length > 1 && "uU".includes(mark[0])) return this.character(Number.parseInt(mark.slice(1), 16));
      if (/^\s/.test(mark)) return ""; // a line that goes on
      return ESCAPES[mark] ?? this.fail(`\\${mark} is no escape`);
    });
  }

  character(code) {
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) this.fail("an escape is no character");
    return String.fromCodePoint(code);
  }
}
