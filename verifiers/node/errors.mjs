/** What can go wrong, told apart by whose matter it is. */

/** The record says something that it must not say; leaves with exit code 1. */
export class RecordError extends Error {
  name = "RecordError";
}

/** What was asked for cannot be read; leaves with exit code 2. */
export class InputError extends Error {
  name = "InputError";
}

/** A disk or a network did not answer; leaves with exit code 3. */
export class OutsideError extends Error {
  name = "OutsideError";
}
