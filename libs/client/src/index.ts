export { secondsLeft } from './countdown.js';
export { UsherError, type UsherErrorCode } from './errors.js';
export type {
  Catalog,
  DayQuery,
  ListQuery,
  ReserveOptions,
  SessionInfo,
  ShowConnection,
  ShowStore,
  ShowView,
  TokenStorage,
  Usher,
  UsherOptions,
} from './types.js';
export { createUsher } from './usher.js';
