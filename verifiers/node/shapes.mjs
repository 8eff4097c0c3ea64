/** What a value of a payload may be. A check returns what is wrong, or an empty text. */

import { isHex } from "./bytes.mjs";

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

/** Whether a value is an object with exactly some keys. */
export function hasExactly(value, keys) {
  return isObject(value) && Object.keys(value).length === keys.length && keys.every((key) => key in value);
}

/** Number of characters of a text, a pair of surrogates being one. */
function characters(text) {
  let pairs = 0;
  for (let i = 0; i < text.length - 1; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit >= 0xd800 && unit < 0xdc00) pairs += 1;
  }
  return text.length - pairs;
}

/** A text of so many characters. */
export const text = (least = 0, most = 65_535) => (value) => {
  if (typeof value !== "string") return "is no text";
  const count = value.length <= most && value.length >= 2 * least ? value.length : characters(value);
  return count >= least && count <= most ? "" : `has ${count} characters, not ${least} to ${most}`;
};

/** A text without line ends. */
export const line = (least = 0, most = 65_535) => {
  const plain = text(least, most);
  return (value) => plain(value) || (/[\r\n]/.test(value) ? "has a line end in it" : "");
};

/** So many bytes in hexadecimal. */
export const hex = (size) => (value) => (isHex(value, size) ? "" : `is no hexadecimal text of ${size ?? "some"} bytes`);

/** Bytes in base64; whether it is canonical is seen where they are read. */
export const base64 = (value) => (typeof value === "string" && BASE64.test(value) ? "" : "is no base64");

/** A whole number from a least one on. */
export const whole = (least = 0) => (value) => {
  if (typeof value !== "number") return "is no whole number";
  return value >= least ? "" : `is ${value}, below ${least}`;
};

export const truth = (value) => (typeof value === "boolean" ? "" : "is neither true nor false");

export const oneOf = (...values) => (value) => (values.includes(value) ? "" : `is none of ${values.join(", ")}`);

export const orNull = (inner) => (value) => (value === null ? "" : inner(value));

/** A list. */
export const list = (inner, most = 65_535) => (value) => {
  if (!Array.isArray(value)) return "is no list";
  if (value.length > most) return `has more than ${most} elements`;
  for (let i = 0; i < value.length; i += 1) {
    const fault = inner(value[i]);
    if (fault) return `has at place ${i} what ${fault}`;
  }
  return "";
};

/** A list in ascending order of UTF-16 units, as canonical JSON sorts, each element once. */
export const sorted = (inner) => {
  const plain = list(inner);
  return (value) => {
    const fault = plain(value);
    if (fault) return fault;
    return value.every((one, i) => i === 0 || value[i - 1] < one) ? "" : "is not in ascending order, each once";
  };
};

/** An object with any keys of a kind. */
export const mapping = (inner, key = text(1)) => (value) => {
  if (!isObject(value)) return "is no object";
  for (const name of Object.keys(value)) {
    const fault = key(name) || inner(value[name]);
    if (fault) return `has the key ${JSON.stringify(name.slice(0, 80))}, which ${fault}`;
  }
  return "";
};

/** An object with exactly these keys. */
export const shape = (parts) => {
  const names = Object.keys(parts);
  return (value) => {
    if (!isObject(value)) return "is no object";
    if (!hasExactly(value, names)) return `does not have exactly the keys ${names.join(", ")}`;
    for (const name of names) {
      const fault = parts[name](value[name]);
      if (fault) return `has ${name}, which ${fault}`;
    }
    return "";
  };
};
