export type { Bookings, BookingStore, BookingView, PayOptions } from './bookings/booking-types.js';
export { currencyDigits, formatMoney } from '@usher/contract';
export { secondsLeft, secondsUntil } from './bookings/countdown.js';
export { UsherError, type UsherErrorCode } from './common/errors.js';
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
export type { ShowConnection } from './common/show-connection.js';
export { createGate } from './gate/gate.js';
export type {
  CheckIns,
  Gate,
  GateAnswer,
  GateConflict,
  GateOptions,
  GateStorage,
  GateView,
} from './gate/gate-types.js';
export { readTicketCode } from './gate/ticket-code.js';
export { createUsher } from './usher.js';
export { canVerify, type LineClaim, verifyLine } from './verify-line/verify-line.js';
export { fetchProof } from './verify-line/fetch-proof.js';
export {
  type HeldQueue,
  type PlaceClaim,
  type PlaceReport,
  readQueue,
  type ReceiptClaim,
  verifyPlace,
  verifyReceipt,
} from './verify-line/receipt.js';
export type {
  LineCheck,
  LineCheckName,
  LineCounts,
  LineFinding,
  LineReport,
  TicketState,
} from './verify-line/report.js';
