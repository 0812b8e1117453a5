/** An error that the simulation injects on purpose. */
export class InjectedFault extends Error {
  override readonly name = 'InjectedFault';
}

/**
 * Thrown if the simulated tables refuse a write that a primary key, a unique index or a row count would refuse in
 * PostgreSQL.
 */
export class ConstraintError extends Error {
  override readonly name = 'ConstraintError';
}
