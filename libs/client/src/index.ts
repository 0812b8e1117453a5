export { currencyDigits, formatMoney, isMistypedAccessCode } from '@usher/contract';
export type { AccessCodes } from './access-codes/access-codes-api.js';
export type { Bookings, BookingStore, BookingView, PayOptions } from './bookings/booking-types.js';
export { solveAltcha } from './challenge/solve-altcha.js';
export type { ChallengeSolver, ChallengeState } from './challenge/challenge-types.js';
export { secondsLeft, secondsUntil } from './bookings/countdown.js';
export type { Catalog, DayQuery, ListQuery, MovieSearchQuery } from './catalog/catalog-types.js';
export { UsherError, type UsherErrorCode } from './common/errors.js';
export type { ConnectionState } from './common/live-store.js';
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
export type { LineEnd, LineEvent, LineReadOptions, Lines, LineView } from './line/line-types.js';
export type { Push } from './line/push.js';
export type { SessionDataApi } from './session/session-data-api.js';
export type { SessionInfo, TokenStorage } from './session/session-types.js';
export type { ReserveOptions, ShowStore, ShowView, TermsChange } from './show/show-types.js';
export { createUsher } from './usher.js';
export type { Usher, UsherOptions } from './usher-types.js';
export { fetchProof } from './verify-line/fetch-proof.js';
export {
  parseQueueReceipt,
  type PlaceReport,
  type QueueReceipt,
  verifyPlace,
  type VerifyPlaceOptions,
  verifyReceipt,
  type VerifyReceiptOptions,
} from './verify-line/receipt.js';
export type {
  LineCheck,
  LineCheckName,
  LineCounts,
  LineFinding,
  LineReport,
  LineTicketState,
} from './verify-line/report.js';
export { canVerify, verifyLine, type VerifyLineOptions } from './verify-line/verify-line.js';
