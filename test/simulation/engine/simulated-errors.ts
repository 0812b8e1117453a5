/** What the simulation breaks on purpose; any other failure in a lane is a finding. */
export class InjectedFault extends Error {
  override readonly name = 'InjectedFault';
}

/** What the tables refused: a row that was there already, or was not. */
export class TableGuardError extends Error {
  override readonly name = 'TableGuardError';
}
