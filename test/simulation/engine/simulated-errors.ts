/** An error that the simulation injects on purpose. */
export class InjectedFault extends Error {
  override readonly name = 'InjectedFault';
}

/** The simulated tables refuse a write, as a primary key, a unique index or a row count does in PostgreSQL. */
export class ConstraintError extends Error {
  override readonly name = 'ConstraintError';
}
