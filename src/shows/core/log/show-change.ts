import type { Blocked } from '../changes/blocked.js';
import type { Booked, StoredBooked } from '../changes/booked.js';
import type { CalledOff } from '../changes/called-off.js';
import type { ChallengePassed, StoredChallengePassed } from '../changes/challenge-passed.js';
import type { Ended } from '../changes/ended.js';
import type { Entered, StoredEntered } from '../changes/entered.js';
import type { Joined, StoredJoined } from '../changes/joined.js';
import type { KeyUsed, StoredKeyUsed } from '../changes/key-used.js';
import type { Left, StoredLeft } from '../changes/left.js';
import type { LobbyShuffled } from '../changes/lobby-shuffled.js';
import type { Offered, StoredOffered } from '../changes/offered.js';
import type { PaymentBegun, StoredPaymentBegun } from '../changes/payment-begun.js';
import type { PaymentMarked, StoredPaymentMarked } from '../changes/payment-marked.js';
import type { PaymentReturned, StoredPaymentReturned } from '../changes/payment-returned.js';
import type { Refunded, StoredRefunded } from '../changes/refunded.js';
import type { Reserved, StoredReserved } from '../changes/reserved.js';
import type { StayEnded } from '../changes/stay-ended.js';
import type { TermsChanged } from '../changes/terms-changed.js';
import type { Unblocked } from '../changes/unblocked.js';

/** A change to bookings, seats or payments. */
export type SaleChange =
  Reserved | Ended | Blocked | Unblocked | PaymentBegun | PaymentMarked | Booked | Refunded | PaymentReturned;

/** A change to the show's terms. Partners, and buyers who have the page of the show open, are notified of it. */
export type TermsChange = CalledOff | TermsChanged;

/**
 * A change to the lines or to the stays. It contains everything that its readers need, so they read nothing but the
 * log.
 */
export type LineChange = Joined | ChallengePassed | Left | Offered | Entered | StayEnded | LobbyShuffled | KeyUsed;

/** One change to a show. Each log entry is a list of changes. Applying all entries in order gives the current show. */
export type ShowChange = SaleChange | TermsChange | LineChange;

export type ChangeType = ShowChange['type'];

export type ChangeOf<Type extends ChangeType> = Extract<ShowChange, { type: Type }>;

/** A change in the form in which a row of `show_log` stores it. */
export type StoredChange =
  | StoredReserved
  | StoredJoined
  | StoredChallengePassed
  | StoredLeft
  | StoredOffered
  | StoredEntered
  | StoredKeyUsed
  | StoredPaymentBegun
  | StoredPaymentMarked
  | StoredBooked
  | StoredRefunded
  | StoredPaymentReturned
  | Exclude<
      ShowChange,
      | Reserved
      | Joined
      | ChallengePassed
      | Left
      | Offered
      | Entered
      | KeyUsed
      | PaymentBegun
      | PaymentMarked
      | Booked
      | Refunded
      | PaymentReturned
    >;
