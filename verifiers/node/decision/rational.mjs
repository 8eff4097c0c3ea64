/** Exact rational numbers over BigInt. */

import { Real } from "./json.mjs";

/** @param {bigint} value @returns {bigint} */
export const absolute = (value) => (value < 0n ? -value : value);

/** The quotient rounded down; the divisor is positive. */
export function floorDivide(a, b) {
  const quotient = a / b;
  return a < 0n && quotient * b !== a ? quotient - 1n : quotient;
}

/** The quotient rounded up; the divisor is positive. */
export const ceilDivide = (a, b) => -floorDivide(-a, b);

/** @param {bigint} value Not negative. @returns {number} Binary digits; 0 for 0. */
export const bitLength = (value) => (value === 0n ? 0 : value.toString(2).length);

function greatestDivisor(a, b) {
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}

/** A rational number in lowest terms, the denominator positive. */
export class Rational {
  /** @param {bigint} numerator @param {bigint} denominator Not zero. */
  constructor(numerator, denominator = 1n) {
    if (denominator < 0n) [numerator, denominator] = [-numerator, -denominator];
    const common = greatestDivisor(absolute(numerator), denominator);
    this.numerator = numerator / common;
    this.denominator = denominator / common;
  }

  static zero = new Rational(0n);
  static half = new Rational(1n, 2n);

  plus(other) {
    return new Rational(
      this.numerator * other.denominator + other.numerator * this.denominator,
      this.denominator * other.denominator,
    );
  }

  minus(other) {
    return this.plus(new Rational(-other.numerator, other.denominator));
  }

  times(other) {
    return new Rational(this.numerator * other.numerator, this.denominator * other.denominator);
  }

  over(other) {
    return new Rational(this.numerator * other.denominator, this.denominator * other.numerator);
  }

  /** Negative, zero or positive, as this is less than, equal to or more than the other. */
  compare(other) {
    const difference = this.numerator * other.denominator - other.numerator * this.denominator;
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  }

  isZero() {
    return this.numerator === 0n;
  }

  floor() {
    return floorDivide(this.numerator, this.denominator);
  }

  ceil() {
    return ceilDivide(this.numerator, this.denominator);
  }

  toString() {
    return this.denominator === 1n ? `${this.numerator}` : `${this.numerator}/${this.denominator}`;
  }
}

/** @param {bigint} value */
export const whole = (value) => new Rational(value);

/**
 * A decimal text such as `0.15`, `1e-05` or `12` as the number that it says.
 *
 * @param {string} text
 * @returns {Rational}
 */
export function decimalRational(text) {
  const found = /^([+-]?)([0-9]+)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]+))?$/.exec(text);
  if (!found) throw new RangeError(`${JSON.stringify(text)} is no decimal number`);
  const [, sign, before, behind = "", exponent = "0"] = found;
  const places = BigInt(exponent) - BigInt(behind.length);
  const digits = BigInt(before + behind) * (sign === "-" ? -1n : 1n);
  return places < 0n ? new Rational(digits, 10n ** -places) : new Rational(digits * 10n ** places);
}

/**
 * A rule's parameter as it is written: 0.1 is one tenth and not the nearest binary fraction.
 *
 * The reference reads a parameter as a double and takes the shortest decimal that names that double. JavaScript's
 * `String` gives the same digits, so both agree also on a file in which somebody wrote more digits than a double holds.
 *
 * @param {bigint | Real} value From `parseJson`; finite as a double.
 * @returns {Rational}
 */
export function asWritten(value) {
  if (typeof value === "bigint") return whole(value);
  return decimalRational(String(Number(value.text)));
}

/** The smaller of two, the first between equals. */
export const least = (a, b) => (b.compare(a) < 0 ? b : a);
