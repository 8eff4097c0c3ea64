/** Tables as text with commas (RFC 4180): taken apart into cells as they stand, and written with LF. */

import { RecordError } from "./errors.mjs";

const CELL = /"([^"]*(?:""[^"]*)*)"|([^",\r\n]*)/y;

/**
 * Rows of a table, whose lines end with LF or CR LF; those without any text are passed over.
 *
 * @param {string} text
 * @param {string} what For the message.
 * @returns {string[][]}
 */
export function readRows(text, what) {
  const rows = [];
  let at = 0;
  while (at < text.length) {
    const row = [];
    for (;;) {
      CELL.lastIndex = at;
      const [all, quoted, plain] = CELL.exec(text);
      row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
      at += all.length;
      if (text[at] !== ",") break;
      at += 1;
    }
    if (text.startsWith("\r\n", at)) at += 1;
    if (at < text.length && text[at] !== "\n") throw new RecordError(`${what}: character ${at} belongs to no cell`);
    at += 1;
    if (row.length > 1 || row[0] !== "") rows.push(row);
  }
  return rows;
}

const quoted = (cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

/** A line of a table, with LF. */
export const writeRow = (cells) => `${cells.map(quoted).join(",")}\n`;
