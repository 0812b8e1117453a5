// The entry point of src/shows. Other folders of src import nothing else from it.
export { ShowsModule } from './shows.module.js';
export { createStandaloneShows } from './standalone-shows.js';
export { salesEntities } from './store/entities/index.js';

// Shows in memory, and commands to them.
export { KeyedRefusals } from './lane/keyed-refusals.js';
export { ReceiptSigner } from './lane/receipt-signer.js';
export type { Origin, ShowAdvance } from './lane/show-advance.js';
export type { OpenShow } from './lane/show-lane.js';
export { ShowTasks } from './lane/show-tasks.js';
export { ShowsService } from './lane/shows.service.js';
export { toWaitingRoom } from './lane/waiting-room-terms.js';

// Announcements of commits.
export { type ConsumedChange, LogConsumers } from './live/log-consumers.service.js';
export { ShowRelay } from './live/show-relay.service.js';
export { changedFields } from './live/to-show-changed.js';

// Tables.
export { BookingRepository, type StoredBooking } from './store/booking.repository.js';
export { type LastWait, LineRepository } from './store/line.repository.js';
export { PresenceRepository } from './store/presence.repository.js';
export { type ErasedBooking, SessionRecords } from './store/session-records.repository.js';
export { pseudonymOf } from './store/pseudonym.js';
export { replaceSessions } from './store/replace-sessions.js';
export { ShowAnonymizer } from './store/show-anonymizer.js';
export { ShowLogRepository } from './store/show-log.repository.js';

// Bookings.
export { bookingState, ownBooking } from './bookings/own-booking.js';
export { asFirstAnswered, toBooking } from './bookings/to-booking.js';

// Values of the core.
export type { Actor } from './core/model/actor.js';
export type { BookingRecord } from './core/model/booking-record.js';
export { paymentIsRunning } from './core/selling/erase-session.js';
export { termsAfter, touchesAmounts } from './core/selling/change-terms.js';
export type {
  BookCommand,
  Command,
  EndStaysCommand,
  EnterOutcome,
  EnterCommand,
  JoinLineCommand,
  JoinLineOutcome,
  MarkPaymentCommand,
  Outcome,
  OutcomeOf,
  PayOutcome,
  RefundCommand,
  RefundOutcome,
  ReleaseOutcome,
  ReleasePatternCommand,
  ReserveCommand,
  SeatCommand,
  ReserveOutcome,
  SeatRequest,
  TermsPatch,
} from './core/commands/command.js';
export { chainLink, seatsAfter } from './core/log/change-kinds.js';
export { commitmentOf } from './core/line/shuffle.js';
export type { PartyRequest, Waiter } from './core/model/waiter.js';
export type { RefundDue } from './core/model/refund-due.js';
export type { PatternReleased, Refused } from './core/commands/outcome.js';
export { codeRequiredDetail } from './core/draft/code-refusals.js';
export { keyReused } from './core/draft/refusals.js';
export type { CalledOff } from './core/changes/called-off.js';
export type { LogEntry } from './core/log/log-entry.js';
export type { ChangeOf, ChangeType, LineChange, ShowChange } from './core/log/show-change.js';
export type { TermsChanged } from './core/changes/terms-changed.js';
export type { ShowTerms } from './core/model/show-terms.js';
export type { LineMoment } from './core/model/keyed-place.js';
export type { PlaceInLine } from './core/waiting/place-in-line.js';
