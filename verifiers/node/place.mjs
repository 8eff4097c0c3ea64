/** Where an exported log lies: a folder, or below an address. Only files of a log are asked for, with limits. */

import { open, stat } from "node:fs/promises";
import { request as http } from "node:http";
import { request as https } from "node:https";
import { join } from "node:path";
import { InputError, OutsideError, RecordError } from "./errors.mjs";

const TIME = 10_000;
const PATH = /^(?:checkpoint|tile\/(entries|[0-9]|[1-5][0-9]|6[0-3])\/(?:x[0-9]{3}\/)*[0-9]{3}(?:\.p\/[0-9]{1,3})?)$/;

/** Most bytes that a file of a log has. */
function largest(path) {
  const found = PATH.exec(path);
  if (!found) throw new RecordError(`${path} is no file of a log`);
  if (found[1] === undefined) return 65_536;
  return found[1] === "entries" ? 16_777_472 : 8_192;
}

const tooLong = (path, most) => new RecordError(`${path} has more than the ${most} bytes of such a file`);

/** A folder. */
export class FolderPlace {
  constructor(folder) {
    this.folder = folder;
  }

  /**
   * @param {string} path
   * @returns {Promise<Buffer | null>} Null if it is not there.
   */
  async read(path) {
    const most = largest(path);
    const name = join(this.folder, path);
    let file;
    try {
      if (!(await stat(name)).isFile()) return null;
      file = await open(name, "r");
      const { size } = await file.stat();
      if (size > most) throw tooLong(path, most);
      const data = await file.readFile();
      if (data.length > most) throw tooLong(path, most);
      return data;
    } catch (error) {
      if (error instanceof RecordError) throw error;
      if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
      throw new OutsideError(`${name} cannot be read: ${error.code ?? error.message}`);
    } finally {
      await file?.close();
    }
  }
}

/** Below an address. */
export class UrlPlace {
  constructor(address) {
    this.address = address.endsWith("/") ? address : `${address}/`;
    this.request = address.startsWith("https:") ? https : http;
  }

  /** See `FolderPlace`. */
  read(path) {
    const most = largest(path);
    const url = this.address + path;
    return new Promise((resolve, reject) => {
      const outside = (why) => reject(new OutsideError(`${url}: ${why}`));
      const asked = this.request(url, { headers: { "accept-encoding": "identity" } }, (answer) => {
        const parts = [];
        let size = 0;
        if (answer.statusCode !== 200) {
          answer.resume();
          if (answer.statusCode === 404 || answer.statusCode === 410) resolve(null);
          else outside(`the answer is ${answer.statusCode}`);
          asked.destroy();
          return;
        }
        if ((answer.headers["content-encoding"] ?? "identity") !== "identity") {
          outside("the answer is encoded");
          asked.destroy();
          return;
        }
        answer.on("data", (part) => {
          size += part.length;
          if (size > most) {
            reject(tooLong(path, most));
            asked.destroy();
          } else parts.push(part);
        });
        answer.on("end", () => (answer.complete ? resolve(Buffer.concat(parts)) : outside("the answer broke off")));
        answer.on("error", (error) => outside(error.message));
      });
      const clock = setTimeout(() => {
        outside(`no answer in ${TIME / 1000} seconds`);
        asked.destroy();
      }, TIME);
      asked.on("error", (error) => outside(error.code ?? error.message));
      asked.on("close", () => clearTimeout(clock));
      asked.end();
    });
  }
}

/**
 * The place that a path or an address names.
 *
 * @param {string} text
 */
export async function openPlace(text) {
  if (/^https?:\/\//i.test(text)) {
    let url;
    try {
      url = new URL(text);
    } catch {
      throw new InputError(`${text} is no address`);
    }
    if (url.username || url.password || url.search || url.hash || /[?#@]/.test(text.split("/")[2] + url.pathname)) {
      throw new InputError("an address has no user, query or fragment");
    }
    return new UrlPlace(url.href);
  }
  try {
    if ((await stat(text)).isDirectory()) return new FolderPlace(text);
  } catch (error) {
    if (error.code !== "ENOENT" && error.code !== "ENOTDIR") throw new OutsideError(`${text}: ${error.code}`);
  }
  throw new InputError(`${text} is no folder of a log`);
}
