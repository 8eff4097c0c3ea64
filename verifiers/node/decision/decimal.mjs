/**
 * Decimal floating point with a stated number of digits, rounded half to even: the arithmetic of IEEE 754 and of the
 * General Decimal Arithmetic specification, as far as money needs it.
 *
 * A number is `coefficient * 10^exponent`. Results are correctly rounded, so every machine gets the same digits. The
 * exponent of an exact result is the specification's preferred one; it shows in the text of a number, not in its value.
 */

import { absolute, floorDivide } from "./rational.mjs";

const powers = [1n];

/** 10^n, n not negative. */
export function tenTo(n) {
  for (let i = powers.length; i <= n; i += 1) powers.push(powers[i - 1] * 10n);
  return powers[n];
}

/** @param {bigint} value @returns {number} Decimal digits; 1 for 0. */
export const digitsOf = (value) => absolute(value).toString().length;

/** A decimal number. */
export class Decimal {
  /** @param {bigint} coefficient @param {number} exponent */
  constructor(coefficient, exponent = 0) {
    this.coefficient = coefficient;
    this.exponent = exponent;
  }

  static zero = new Decimal(0n);
  static one = new Decimal(1n);

  get sign() {
    return this.coefficient < 0n ? -1 : this.coefficient > 0n ? 1 : 0;
  }

  negated() {
    return new Decimal(-this.coefficient, this.exponent);
  }

  magnitude() {
    return new Decimal(absolute(this.coefficient), this.exponent);
  }

  compare(other) {
    const low = Math.min(this.exponent, other.exponent);
    const left = this.coefficient * tenTo(this.exponent - low);
    const right = other.coefficient * tenTo(other.exponent - low);
    return left < right ? -1 : left > right ? 1 : 0;
  }

  below(other) {
    return this.compare(other) < 0;
  }

  atMost(other) {
    return this.compare(other) <= 0;
  }

  equals(other) {
    return this.compare(other) === 0;
  }

  /** Rounded down to a whole number. */
  floor() {
    return this.exponent >= 0
      ? this.coefficient * tenTo(this.exponent)
      : floorDivide(this.coefficient, tenTo(-this.exponent));
  }

  /** The specification's scientific string. */
  toString() {
    const digits = absolute(this.coefficient).toString();
    const sign = this.coefficient < 0n ? "-" : "";
    const leading = this.exponent + digits.length;
    const plain = this.exponent <= 0 && leading > -6;
    const point = plain ? leading : 1;
    let text;
    if (point <= 0) text = `0.${"0".repeat(-point)}${digits}`;
    else if (point === digits.length) text = digits;
    else text = `${digits.slice(0, point)}.${digits.slice(point)}`;
    if (plain) return sign + text;
    const power = leading - point;
    return `${sign}${text}E${power < 0 ? "" : "+"}${power}`;
  }
}

/** The smaller of two, the first between equals. */
export const smaller = (a, b) => (b.below(a) ? b : a);

/** The larger of two, the first between equals. */
export const larger = (a, b) => (a.below(b) ? b : a);

/** Arithmetic with a stated number of digits. */
export class Arithmetic {
  /** @param {number} precision Significant digits. */
  constructor(precision) {
    this.precision = precision;
  }

  /** Half to even; `more` says that something not zero follows behind the last digit. */
  rounded(coefficient, exponent, more = false) {
    const excess = digitsOf(coefficient) - this.precision;
    if (excess <= 0) return new Decimal(coefficient, exponent);
    const unit = tenTo(excess);
    const size = absolute(coefficient);
    let kept = size / unit;
    const twice = 2n * (size % unit);
    if (twice > unit || (twice === unit && (more || kept % 2n === 1n))) kept += 1n;
    if (digitsOf(kept) > this.precision) return new Decimal(signed(kept / 10n, coefficient), exponent + excess + 1);
    return new Decimal(signed(kept, coefficient), exponent + excess);
  }

  plus(a, b) {
    const low = Math.min(a.exponent, b.exponent);
    return this.rounded(a.coefficient * tenTo(a.exponent - low) + b.coefficient * tenTo(b.exponent - low), low);
  }

  minus(a, b) {
    return this.plus(a, b.negated());
  }

  times(a, b) {
    return this.rounded(a.coefficient * b.coefficient, a.exponent + b.exponent);
  }

  /** The divisor is not zero. */
  over(a, b) {
    const preferred = a.exponent - b.exponent;
    if (a.coefficient === 0n) return new Decimal(0n, preferred);
    const shift = digitsOf(b.coefficient) - digitsOf(a.coefficient) + this.precision + 1;
    const above = absolute(a.coefficient) * tenTo(Math.max(shift, 0));
    const below = absolute(b.coefficient) * tenTo(Math.max(-shift, 0));
    let quotient = above / below;
    let exponent = preferred - shift;
    const exact = quotient * below === above;
    while (exact && exponent < preferred && quotient % 10n === 0n) {
      quotient /= 10n;
      exponent += 1;
    }
    const negative = a.coefficient < 0n !== b.coefficient < 0n;
    return this.rounded(negative ? -quotient : quotient, exponent, !exact);
  }

  /** From left to right, beginning with 0. */
  sum(numbers) {
    let out = Decimal.zero;
    for (const number of numbers) out = this.plus(out, number);
    return out;
  }

  /** @param {import("./rational.mjs").Rational} value */
  of(value) {
    return this.over(new Decimal(value.numerator), new Decimal(value.denominator));
  }
}

const signed = (size, like) => (like < 0n ? -size : size);

/**
 * A rational number in 20 significant digits, as certificates state it.
 *
 * @param {import("./rational.mjs").Rational} value
 */
export const decimalText = (value) => new Arithmetic(20).of(value).toString();
