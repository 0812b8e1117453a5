export type { Bookings, BookingStore, BookingView, PayOptions } from './booking-types.js';
export { currencyDigits, formatMoney } from '@usher/contract';
export { secondsLeft, secondsUntil } from './countdown.js';
export { UsherError, type UsherErrorCode } from './errors.js';
export type {
  Catalog,
  DayQuery,
  LineEnd,
  LineEvent,
  LineReadOptions,
  Lines,
  LineView,
  ListQuery,
  Push,
  ReserveOptions,
  SessionInfo,
  ShowStore,
  ShowView,
  TermsChange,
  TokenStorage,
  Usher,
  UsherOptions,
} from './types.js';
export type { ShowConnection } from './show-connection.js';
export { createGate } from './gate.js';
export type { CheckIns, Gate, GateAnswer, GateConflict, GateOptions, GateStorage, GateView } from './gate-types.js';
export { readTicketCode } from './ticket-code.js';
export { createUsher } from './usher.js';
export { canVerify, type LineClaim, verifyLine } from './verify-line.js';
export { fetchProof } from './verify-line-fetch.js';
export {
  type HeldQueue,
  type PlaceClaim,
  type PlaceReport,
  readQueue,
  type ReceiptClaim,
  verifyPlace,
  verifyReceipt,
} from './verify-line-receipt.js';
export type {
  LineCheck,
  LineCheckName,
  LineCounts,
  LineFinding,
  LineReport,
  TicketState,
} from './verify-line-report.js';
