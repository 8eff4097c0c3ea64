/** Days of the calendar, written as ISO 8601. */

import { MalformedError } from "./problem.mjs";

const LENGTH = 86_400_000;
const END = Date.UTC(10_000, 0, 1); // days have years of four digits

function numberOf(day) {
  const time = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : NaN;
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== day) {
    throw new MalformedError("decision.json", `${JSON.stringify(day)} is no day`);
  }
  return BigInt(time / LENGTH);
}

/** @param {string} day @param {bigint} later Days. @returns {string} */
export function dayAfter(day, later) {
  const time = new Date(Number(numberOf(day) + later) * LENGTH);
  if (!(time.getTime() < END)) throw new MalformedError("decision.json", `${later} days are too many`);
  return time.toISOString().slice(0, 10);
}

/** Days from one day to another. @param {string} from @param {string} to @returns {bigint} */
export const daysBetween = (from, to) => numberOf(to) - numberOf(from);
