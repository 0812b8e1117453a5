import { isDeepStrictEqual } from 'node:util';

type Fields = Readonly<Record<string, unknown>>;

/** The fields in which two states of an object differ. */
export interface ChangedFields {
  readonly before: Record<string, unknown> | null;
  readonly after: Record<string, unknown>;
}

/**
 * Returns the fields in which two states of an object differ, or null if the states are equal.
 *
 * @param before null for a new object; then all fields of the new object are returned
 */
export function changedFields(before: object | null, after: object): ChangedFields | null {
  if (before === null) return { before, after: { ...after } };
  const [old, current]: Fields[] = [{ ...before }, { ...after }];
  const names = Object.keys(current!).filter((name) => !isDeepStrictEqual(old![name], current![name]));
  if (names.length === 0) return null;
  const pick = (from: Fields) => Object.fromEntries(names.map((name) => [name, from[name]]));
  return { before: pick(old!), after: pick(current!) };
}
