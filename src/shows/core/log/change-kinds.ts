import { blocked } from '../changes/blocked.js';
import { booked } from '../changes/booked.js';
import { calledOff } from '../changes/called-off.js';
import { challengePassed } from '../changes/challenge-passed.js';
import type { ChangeKind, ChangeMoment, TermsChangeKind } from '../changes/change-kind.js';
import { ended } from '../changes/ended.js';
import { entered } from '../changes/entered.js';
import { joined } from '../changes/joined.js';
import { keyUsed } from '../changes/key-used.js';
import { left } from '../changes/left.js';
import { lobbyShuffled } from '../changes/lobby-shuffled.js';
import { offered } from '../changes/offered.js';
import { paymentBegun } from '../changes/payment-begun.js';
import { paymentMarked } from '../changes/payment-marked.js';
import { paymentReturned } from '../changes/payment-returned.js';
import { refunded } from '../changes/refunded.js';
import { reserved } from '../changes/reserved.js';
import { stayEnded } from '../changes/stay-ended.js';
import { termsChanged } from '../changes/terms-changed.js';
import { unblocked } from '../changes/unblocked.js';
import type { ChainLink } from '../line/chain.js';
import type { BookingRecord } from '../model/booking-record.js';
import type { EditableShow, SeatAssignment } from '../state/editable-show.js';
import type {
  ChangeOf,
  ChangeType,
  LineChange,
  SaleChange,
  ShowChange,
  StoredChange,
  TermsChange,
} from './show-change.js';

type KindOf<Type extends ChangeType> = ChangeKind<ChangeOf<Type>, Extract<StoredChange, { type: Type }>>;

const saleKinds: { readonly [Type in SaleChange['type']]: KindOf<Type> } = {
  reserved,
  ended,
  blocked,
  unblocked,
  paying: paymentBegun,
  marked: paymentMarked,
  booked,
  refunded,
  returned: paymentReturned,
};

const termsKinds: { readonly [Type in TermsChange['type']]: TermsChangeKind<ChangeOf<Type>> } = {
  calledOff,
  termsChanged,
};

const lineKinds: { readonly [Type in LineChange['type']]: KindOf<Type> } = {
  joined,
  challengePassed,
  left,
  offered,
  entered,
  stayEnded,
  shuffled: lobbyShuffled,
  keyUsed,
};

/** The registry of all kinds of changes. Its type demands an entry for every type of `ShowChange`. */
const changeKinds: { readonly [Type in ChangeType]: KindOf<Type> } = { ...saleKinds, ...termsKinds, ...lineKinds };

/** Returns the kind of a change. Use the kind only with changes of the same type. */
export const kindOf = ({ type }: { readonly type: ChangeType }): ChangeKind<ShowChange, StoredChange> =>
  changeKinds[type];

/** Returns the kind of a change to the terms. Use the kind only with changes of the same type. */
export const termsKindOf = ({ type }: TermsChange): TermsChangeKind<TermsChange> => termsKinds[type];

export const isLineChange = (change: ShowChange): change is LineChange => Object.hasOwn(lineKinds, change.type);

export const isTermsChange = (change: ShowChange): change is TermsChange => Object.hasOwn(termsKinds, change.type);

/** Returns the seats whose status a change sets, or null if there are none. */
export const seatsAfter = (change: ShowChange): SeatAssignment | null => kindOf(change).seats(change);

/** Whether a change sets the status of any seats. */
export const touchesSeats = (change: ShowChange): boolean => seatsAfter(change) !== null;

/** Returns the entry that a change adds to the hash chain of a line, or null. */
export const chainLink = (change: ShowChange): ChainLink | null => kindOf(change).chainLink(change);

/** Applies a change to a show. Returns the booking that the change makes or changes, or null. */
export function applyChange(show: EditableShow, change: ShowChange, moment: ChangeMoment): BookingRecord | null {
  const kind = kindOf(change);
  const booking = kind.apply(show, change, moment);
  const seats = kind.seats(change);
  if (seats) show.setSeats(seats);
  const link = kind.chainLink(change);
  if (link) show.addChainLink(link, moment.at);
  return booking;
}
