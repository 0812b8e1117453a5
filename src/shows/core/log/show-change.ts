import type { Blocked } from '../changes/blocked.js';
import type { Booked } from '../changes/booked.js';
import type { CalledOff } from '../changes/called-off.js';
import type { Ended } from '../changes/ended.js';
import type { Entered, StoredEntered } from '../changes/entered.js';
import type { Joined, StoredJoined } from '../changes/joined.js';
import type { KeyUsed, StoredKeyUsed } from '../changes/key-used.js';
import type { Left, StoredLeft } from '../changes/left.js';
import type { LobbyShuffled } from '../changes/lobby-shuffled.js';
import type { Offered, StoredOffered } from '../changes/offered.js';
import type { PaymentBegun } from '../changes/payment-begun.js';
import type { PaymentMarked } from '../changes/payment-marked.js';
import type { PaymentReturned } from '../changes/payment-returned.js';
import type { Refunded } from '../changes/refunded.js';
import type { Reserved, StoredReserved } from '../changes/reserved.js';
import type { StayEnded } from '../changes/stay-ended.js';
import type { TermsChanged } from '../changes/terms-changed.js';
import type { Unblocked } from '../changes/unblocked.js';

/** A change of bookings, seats or payments. */
export type SaleChange =
  Reserved | Ended | Blocked | Unblocked | PaymentBegun | PaymentMarked | Booked | Refunded | PaymentReturned;

/** A change of the show's terms. Partners and buyers with an open page are notified of it. */
export type TermsChange = CalledOff | TermsChanged;

/** A change of the lines or of the stays. It repeats what its readers need, so that the log alone is enough. */
export type LineChange = Joined | Left | Offered | Entered | StayEnded | LobbyShuffled | KeyUsed;

/** One thing that happened to a show. The entries of the log list changes, and folding them gives the show. */
export type ShowChange = SaleChange | TermsChange | LineChange;

export type ChangeType = ShowChange['type'];

export type ChangeOf<Type extends ChangeType> = Extract<ShowChange, { type: Type }>;

/** A change as a row of `show_log` has it. */
export type StoredChange =
  | StoredReserved
  | StoredJoined
  | StoredLeft
  | StoredOffered
  | StoredEntered
  | StoredKeyUsed
  | Exclude<ShowChange, Reserved | Joined | Left | Offered | Entered | KeyUsed>;
