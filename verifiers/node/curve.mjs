/**
 * The one question about a point of edwards25519 that node:crypto does not answer: whether 32 bytes are the canonical
 * encoding of a point of prime order. Keys are public, so nothing here has to take the same time for each.
 */

const P = 2n ** 255n - 19n;
export const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const SIGN = 1n << 255n;

const mod = (value) => {
  const rest = value % P;
  return rest < 0n ? rest + P : rest;
};

function power(base, exponent) {
  let out = 1n;
  for (let square = base, rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) out = (out * square) % P;
    square = (square * square) % P;
  }
  return out;
}

const D = mod(-121665n * power(121666n, P - 2n));
const ROOT_OF_MINUS_ONE = power(2n, (P - 1n) / 4n);

/** Bytes, lowest first, as a number. */
export function littleEndian(bytes) {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString("hex") || "0"}`);
}

/** The x of a point with a given y and sign, or null if there is none (RFC 8032, section 5.1.3). */
function xOf(y, odd) {
  const u = mod(y * y - 1n);
  const v = mod(D * y * y + 1n);
  const v3 = mod(v * v * v);
  let x = mod(u * v3 * power(mod(u * v3 * v3 * v), (P - 5n) / 8n));
  const check = mod(v * x * x);
  if (check === mod(-u)) x = mod(x * ROOT_OF_MINUS_ONE);
  else if (check !== u) return null;
  if (x === 0n && odd) return null;
  return (x & 1n) === (odd ? 1n : 0n) ? x : P - x;
}

/** Sum of two points in extended coordinates (Hisil, Wong, Carter, Dawson 2008, as in RFC 8032). */
function add([x1, y1, z1, t1], [x2, y2, z2, t2]) {
  const a = mod((y1 - x1) * (y2 - x2));
  const b = mod((y1 + x1) * (y2 + x2));
  const c = mod(2n * t1 * t2 * D);
  const d = mod(2n * z1 * z2);
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
}

function double([x, y, z]) {
  const a = mod(x * x);
  const b = mod(y * y);
  const c = mod(2n * z * z);
  const h = a + b;
  const e = h - mod((x + y) * (x + y));
  const g = a - b;
  const f = c + g;
  return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
}

const isNeutral = ([x, y, z]) => x === 0n && y === z;

/**
 * Whether bytes are the canonical encoding of a point of prime order.
 *
 * @param {Uint8Array} bytes
 */
export function isPrimeOrderPoint(bytes) {
  if (bytes.length !== 32) return false;
  const number = littleEndian(bytes);
  const odd = number >= SIGN;
  const y = odd ? number - SIGN : number;
  if (y >= P) return false;
  const x = xOf(y, odd);
  if (x === null) return false;
  const point = [x, y, 1n, mod(x * y)];
  if (isNeutral(point)) return false;
  let multiple = point;
  for (const bit of ORDER.toString(2).slice(1)) {
    multiple = double(multiple);
    if (bit === "1") multiple = add(multiple, point);
  }
  return isNeutral(multiple);
}

/** All encodings of points of small order, in hexadecimal: both signs, and those of y beyond the field. */
export const SMALL_ORDER = new Set(smallOrder());

function* smallOrder() {
  const eighth = 2707385501144840649318225287225658788936804267575313519463743609750303021402n;
  for (const y of [0n, 1n, P - 1n, eighth, P - eighth]) {
    for (const spelled of [y, y + P]) {
      if (spelled >= SIGN) continue;
      for (const sign of [0n, SIGN]) {
        const hex = (spelled + sign).toString(16).padStart(64, "0");
        yield Buffer.from(hex, "hex").reverse().toString("hex");
      }
    }
  }
}
