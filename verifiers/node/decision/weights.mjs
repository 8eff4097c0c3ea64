/**
 * From published integers to the integer weights of `differential`.
 *
 *     v = e^(mean − caution · sd) · (1 + d · P(defence above its bar)) · (1 + f · P(diffusion above its bar))
 *
 * in units of 10^-24, rounded down after the exponential and again after the factors. The exponential is the product of
 * two, of whole thousandths of a natural-log unit and of the rest, each rounded to 50 digits, as is the product.
 */

import { Arithmetic, Decimal } from "./decimal.mjs";
import { exponential } from "./exponential.mjs";
import { NoDecisionError } from "./problem.mjs";
import { absolute, floorDivide } from "./rational.mjs";

const MICRO = 1_000_000n;
const DIGITS = 50;
const PLACES = 24;
const LEAST_LARGEST = 10n ** 18n;
const FARTHEST = 10_000n * MICRO;
const THOUSANDTH = 1_000n;
const TOO_FAR = "a log-value is beyond what money is computed for";
const fifty = new Arithmetic(DIGITS);

const known = new Map();

/** e^(numerator / denominator), both rounded to 50 digits. */
function remembered(numerator, denominator) {
  const name = `${numerator}/${denominator}`;
  if (!known.has(name)) {
    known.set(name, exponential(fifty.over(new Decimal(numerator), new Decimal(denominator)), DIGITS));
  }
  return known.get(name);
}

/** What defence and diffusion multiply a project's value with: numerators and their common denominator. */
function factorsOf(task) {
  let denominator = 1n;
  let numerators = task.scores.map(() => 1n);
  const { defencePriority, diffusionPriority } = task.rules;
  for (const [name, priority] of [["defence", defencePriority], ["diffusion", diffusionPriority]]) {
    const certain = priority.denominator * MICRO;
    denominator *= certain;
    numerators = numerators.map((numerator, i) => {
      const above = task.scores[i][name]?.above ?? 0n;
      return numerator * (certain + priority.numerator * above);
    });
  }
  return { numerators, denominator };
}

/**
 * @param {import("./task.mjs").Task} task Every project has a score on benefit.
 * @returns {{weights: bigint[], places: number}} The weights, and how many decimal places their scale has.
 * @throws {NoDecisionError} A log-value is beyond what money is computed for.
 */
export function integerWeights(task) {
  const { numerator: caution, denominator: unit } = task.rules.caution;
  const values = task.scores.map(({ benefit }) => {
    const logValue = unit * benefit.mean - caution * benefit.sd; // in units of 1 / (unit · 10^6)
    if (absolute(logValue) > FARTHEST * unit) throw new NoDecisionError(TOO_FAR);
    const chunk = THOUSANDTH * unit;
    const chunks = floorDivide(logValue, chunk);
    return fifty.times(remembered(chunks, THOUSANDTH), remembered(logValue - chunks * chunk, unit * MICRO));
  });
  const scaled = (value, places) => new Decimal(value.coefficient, value.exponent + places).floor();
  let places = PLACES;
  while (values.every((value) => scaled(value, places) < LEAST_LARGEST)) places += PLACES;
  const { numerators, denominator } = factorsOf(task);
  const weights = values.map((value, i) => {
    const weight = floorDivide(scaled(value, places) * numerators[i], denominator);
    return weight > 1n ? weight : 1n;
  });
  return { weights, places };
}
