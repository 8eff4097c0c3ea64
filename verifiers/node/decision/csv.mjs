/** Tables of a round folder: RFC 4180 with one header line. */

import { decoded } from "./json.mjs";
import { MalformedError } from "./problem.mjs";

/**
 * Rows of a CSV file as objects by column; rows of empty cells are passed over, and spaces around cells do not count.
 *
 * @param {Uint8Array} bytes
 * @param {string} name Of the file, for errors.
 * @returns {Record<string, string>[]} Without prototype.
 * @throws {MalformedError} A row is not as wide as the header, or a quote is not closed.
 */
export function readCsv(bytes, name) {
  const [header, ...rows] = records(decoded(bytes, name), name);
  if (!header) throw new MalformedError(name, "it is empty");
  return rows.map((cells, i) => {
    if (cells.length !== header.length) {
      throw new MalformedError(`${name}, record ${i + 2}`, `it has ${cells.length} cells, the header ${header.length}`);
    }
    const row = Object.create(null);
    header.forEach((column, k) => {
      row[column] = cells[k];
    });
    return row;
  });
}

/** Cells of each record that holds something, spaces around them taken off. */
function records(text, name) {
  const cell = / *(?:"([^"]*(?:""[^"]*)*)"|([^, \r\n"][^,\r\n]*)?)(,|\r\n|\r|\n|$)/y;
  const out = [];
  let record = [];
  while (cell.lastIndex < text.length || record.length) {
    const at = cell.lastIndex;
    const found = cell.exec(text);
    if (!found) throw new MalformedError(name, `a quote at character ${at + 1} is not closed, or stands inside a cell`);
    const [, quoted, plain = "", end] = found;
    record.push((quoted === undefined ? plain : quoted.replaceAll('""', '"')).trim());
    if (end === ",") continue;
    if (record.some((value) => value)) out.push(record);
    record = [];
    if (end === "") break;
  }
  return out;
}
