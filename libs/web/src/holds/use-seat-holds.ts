import type { ShowStore, ShowView } from '@usher/client';
import type { Booking, Money, QueueBody, ReserveBody, Show } from '@usher/contract';
import { useMemo, useState } from 'react';
import { getSeatNumbers, type Hold, isHeld } from '../bookings/booking.js';
import type { HallMap, HallSeat } from '../seat-map/hall-map.js';
import { listSeatLabels, type SeatLookInput } from '../seat-map/seat-text.js';
import { describeHeldPriceChange, describePriceChange, type Refusal } from '../service/refusals.js';
import { capitalize, formatTime } from '../ui/format.js';
import { choiceSeatsMax } from './choice.js';
import { useAgreedPrices } from './use-agreed-prices.js';
import { useChoice } from './use-choice.js';
import { useExpiredHolds } from './use-expired-holds.js';
import { useHoldCall } from './use-hold-call.js';

/** The seats that a buyer has chosen and holds in one show, and the actions on them. */
export interface SeatHolds {
  /** Seats that are chosen on the map and not held yet, in the order of choosing. */
  readonly chosenSeats: readonly number[];
  /** Maximum number of seats that the buyer can choose now. */
  readonly choiceMax: number;
  /** Live holds, newest first. */
  readonly holds: readonly Hold[];
  /** The hold that this page made last, or null. */
  readonly newestHoldId: string | null;
  /** Expired holds whose notice the buyer has not dismissed. */
  readonly expiredHolds: readonly Hold[];
  readonly refusal: Refusal | null;
  /** The refused request as a request to join the line. Null if joining the line would not help. */
  readonly lineRequest: QueueBody | null;
  /** True while a reservation or a release is running. */
  readonly isBusy: boolean;
  /** True if seats can be held now. */
  readonly isOnSale: boolean;
  readonly lookInput: SeatLookInput;
  readonly toggleSeat: (seat: HallSeat) => void;
  readonly clearChoice: () => void;
  readonly holdChosen: () => void;
  readonly holdBest: (best: NonNullable<ReserveBody['best']>) => void;
  /** Holds the seats that the last refusal suggested. */
  readonly holdAlternative: () => void;
  readonly release: (hold: Hold) => void;
  readonly dismissRefusal: () => void;
  readonly dismissExpired: () => void;
}

interface SeatHoldsInput {
  readonly store: ShowStore;
  readonly view: ShowView;
  readonly map: HallMap;
  readonly show: Show;
  readonly isOnSale: boolean;
}

/** Returns the buyer's choice and holds in a show. Announces every change to screen readers. */
export function useSeatHolds({ store, view, map, show, isOnSale }: SeatHoldsInput): SeatHolds {
  const [newestHoldId, setNewestHoldId] = useState<string | null>(null);
  const holds = useMemo(() => view.bookings.filter(isHeld), [view.bookings]);
  const choiceMax = getChoiceMax(show, holds);
  const { run, isBusy, refusal, setRefusal, refuse, lineRequest } = useHoldCall(map, show.cinema.timeZone);
  const { chosenSeats, setChosenSeats, pressSeat } = useChoice({ view, map, choiceMax, isBusy, onPressed: setRefusal });
  const agreedPrices = useAgreedPrices(chosenSeats, map, show);
  const { expiredHolds, dismissExpired } = useExpiredHolds(view, map);

  // The refusal already names these seats. If they stayed in the choice, they would be announced a second time.
  const onTaken = (takenSeats: readonly number[]) =>
    setChosenSeats((before) => before.filter((seat) => !takenSeats.includes(seat)));

  const reserve = (request: ReserveBody) => {
    if (isBusy || !isOnSale) return;
    dismissExpired();
    const onDone = (booking: Booking) => {
      setChosenSeats([]);
      setNewestHoldId(booking.bookingId);
      setRefusal(findPriceChange(booking, request.seats ? agreedPrices.getTotal(request.seats) : null));
      return describeHold(map, booking);
    };
    void run({ call: () => store.reserve(request), onDone, onTaken, lineRequest: toLineRequest(request) });
  };

  const holdChosen = () => {
    if (isBusy || !isOnSale) return;
    const change = agreedPrices.findChange(chosenSeats);
    if (change === null) {
      reserve({ seats: [...chosenSeats] });
      return;
    }
    agreedPrices.acceptCurrent(chosenSeats);
    refuse(describePriceChange(change.before, change.after));
  };

  const release = ({ bookingId }: Hold) => {
    if (isBusy) return;
    const onDone = (booking: Booking) => `${capitalize(listSeatLabels(map, getSeatNumbers(booking)))} released.`;
    void run({ call: () => store.release(bookingId), onDone, onTaken, lineRequest: null });
  };

  const alternativeSeats = refusal?.alternativeSeats ?? null;
  return {
    chosenSeats,
    choiceMax,
    holds,
    newestHoldId,
    expiredHolds,
    refusal,
    lineRequest,
    isBusy,
    isOnSale,
    lookInput: useLookInput(view, chosenSeats, alternativeSeats),
    toggleSeat: pressSeat,
    clearChoice: () => setChosenSeats([]),
    holdChosen,
    holdBest: (best) => reserve({ best }),
    holdAlternative: () => alternativeSeats && reserve({ seats: [...alternativeSeats] }),
    release,
    dismissRefusal: () => setRefusal(null),
    dismissExpired,
  };
}

function getChoiceMax({ rules }: Show, holds: readonly Hold[]): number {
  const heldCount = holds.reduce((sum, { seats }) => sum + seats.length, 0);
  return Math.max(0, Math.min(choiceSeatsMax, (rules.maxSeatsPerSession ?? choiceSeatsMax) - heldCount));
}

/** Returns a refusal with both prices if the hold does not have the agreed price. Otherwise, returns null. */
function findPriceChange({ total }: Booking, agreed: Money | null): Refusal | null {
  return agreed === null || agreed.amount === total.amount ? null : describeHeldPriceChange(agreed, total);
}

/** Returns for example "Seats A1 and A2 held for you until 20:15." */
function describeHold(map: HallMap, booking: Booking): string {
  const until = booking.expiresAt === null ? '' : ` until ${formatTime(booking.expiresAt)}`;
  return `${capitalize(listSeatLabels(map, getSeatNumbers(booking)))} held for you${until}.`;
}

function useLookInput(
  { seats: statuses, bookings }: ShowView,
  chosenSeats: readonly number[],
  alternativeSeats: readonly number[] | null,
): SeatLookInput {
  return useMemo(
    () => ({
      statuses,
      heldSeats: new Set(bookings.filter(isHeld).flatMap(getSeatNumbers)),
      boughtSeats: new Set(bookings.filter(({ status }) => status === 'booked').flatMap(getSeatNumbers)),
      chosenSeats: new Set(chosenSeats),
      offeredSeats: new Set(alternativeSeats),
    }),
    [statuses, bookings, chosenSeats, alternativeSeats],
  );
}

/**
 * Converts a reservation into a request to join the line. Nobody can wait for particular seats, so the request for
 * chosen seats becomes a request for the same number of seats.
 */
function toLineRequest({ seats, best }: ReserveBody): QueueBody {
  if (!best) return { partySize: seats?.length ?? 1 };
  const { count, tier, kind } = best;
  return { partySize: count, ...(tier !== undefined && { tiers: [tier] }), ...(kind && { kind }) };
}
