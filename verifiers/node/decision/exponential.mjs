/**
 * The exponential, correctly rounded to a stated number of decimal digits.
 *
 * It is computed in fixed point with a bound on the error, and with more digits until both ends of what it may be
 * round to the same decimal. That ends because e to a rational power other than 0 is irrational.
 *
 * With q = round(x / ln 10) and r = x − q ln 10, e^x = 10^q e^r; e^r is the 2^8-th power of the Taylor sum of
 * r / 2^8.
 */

import { Arithmetic, Decimal, tenTo } from "./decimal.mjs";
import { floorDivide } from "./rational.mjs";

const HALVINGS = 8n;

/** 2 artanh(1/n) in units of 10^-places, within a unit a term. */
function twiceArtanhOfInverse(n, places) {
  let term = (2n * tenTo(places)) / n;
  let sum = 0n;
  for (let k = 1n; term !== 0n; k += 2n) {
    sum += term / k;
    term /= n * n;
  }
  return sum;
}

const logarithms = new Map();

/** ln 10 = 46 artanh(1/31) + 34 artanh(1/49) + 20 artanh(1/161), in units of 10^-places. */
function logarithmOfTen(places) {
  if (!logarithms.has(places)) {
    const spare = places + 10;
    const [a, b, c] = [31n, 49n, 161n].map((n) => twiceArtanhOfInverse(n, spare));
    logarithms.set(places, (23n * a + 17n * b + 10n * c) / tenTo(spare - places));
  }
  return logarithms.get(places);
}

/** e^r for |r| < 2 in units of 10^-places; the error is below 10^8 units. */
function nearExponential(r, places) {
  const unit = tenTo(places);
  const small = floorDivide(r, 2n ** HALVINGS);
  let term = unit;
  let sum = 0n;
  for (let k = 1n; term !== 0n && term !== -1n; k += 1n) {
    sum += term;
    term = floorDivide(term * small, unit * k);
  }
  for (let i = 0n; i < HALVINGS; i += 1n) sum = (sum * sum) / unit;
  return sum;
}

/**
 * @param {Decimal} x Below 10^6 in size.
 * @param {number} precision Digits.
 * @returns {Decimal} e^x, rounded half to even.
 */
export function exponential(x, precision) {
  if (x.sign === 0) return Decimal.one;
  const arithmetic = new Arithmetic(precision);
  for (let guard = 20; ; guard *= 2) {
    const places = precision + guard;
    const fixed = new Decimal(x.coefficient, x.exponent + places).floor();
    const ten = logarithmOfTen(places);
    const q = floorDivide(2n * fixed + ten, 2n * ten);
    const value = nearExponential(fixed - q * ten, places);
    const error = tenTo(guard - 8); // 10^8 units of the powers, 10^6 times the error of ln 10, and one of x
    const ends = [value - error, value + error].map((end) => arithmetic.rounded(end, Number(q) - places));
    if (ends[0].coefficient === ends[1].coefficient && ends[0].exponent === ends[1].exponent) return ends[0];
  }
}
