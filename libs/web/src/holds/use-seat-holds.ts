import type { ShowStore, ShowView } from '@usher/client';
import {
  type Booking,
  type PaymentStatus,
  type QueueBody,
  type ReserveBody,
  SeatStatus,
  type Show,
} from '@usher/contract';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { getSeatNumbers, type Hold, isHeld } from '../bookings/booking.js';
import type { HallMap, HallSeat } from '../seat-map/hall-map.js';
import { type SeatLookInput, listSeatLabels, describePlace } from '../seat-map/seat-text.js';
import { useAnnounce } from '../ui/announcer.js';
import { capitalize, formatTime, formatCount } from '../ui/format.js';
import { choiceSeatsMax, splitByAvailability, toggleSeat } from './choice.js';
import {
  describeError,
  describeHeldPriceChange,
  describePriceChange,
  type Refusal,
  describeChoiceLimit,
} from '../service/refusals.js';
import { type AgreedPrices, useAgreedPrices } from './use-agreed-prices.js';

/** What the buyer has done so far and can do next. */
export interface SeatHolds {
  /** Seats chosen on the map and not held yet, in the order of choosing. */
  readonly chosen: readonly number[];
  /** How many may be chosen at most, now. */
  readonly limit: number;
  /** Running holds, newest first. */
  readonly holds: readonly Hold[];
  /** The hold that was made on this page last, or null. */
  readonly freshId: string | null;
  /** Holds that ran out and whose message was not put away. */
  readonly expired: readonly Hold[];
  readonly refusal: Refusal | null;
  /** What was asked for last and can be had by standing in line only, or null. */
  readonly waitFor: QueueBody | null;
  /** A reservation or release is on its way. */
  readonly busy: boolean;
  /** Whether seats can be held now. */
  readonly isOnSale: boolean;
  readonly looks: SeatLookInput;
  readonly press: (seat: HallSeat) => void;
  readonly clear: () => void;
  readonly hold: () => void;
  readonly holdBest: (best: NonNullable<ReserveBody['best']>) => void;
  readonly takeAlternative: () => void;
  readonly release: (hold: Hold) => void;
  readonly dismissRefusal: () => void;
  readonly dismissExpired: () => void;
}

interface Subject {
  readonly store: ShowStore;
  readonly view: ShowView;
  readonly map: HallMap;
  readonly show: Show;
  readonly isOnSale: boolean;
}

/** Whether it ran out, and that is all there is to it: what becomes of money that comes too late is told elsewhere. */
const isExpired = (booking: Booking): booking is Hold =>
  booking.status === 'expired' && !unsettledStatuses.has(booking.payment?.status);
const unsettledStatuses: ReadonlySet<PaymentStatus | undefined> = new Set([
  'pending',
  'refunding',
  'refunded',
] as const);

/** The buyer's side of a show: choosing, holding, giving back, and hearing about it. */
export function useSeatHolds({ store, view, map, show, isOnSale }: Subject): SeatHolds {
  const announce = useAnnounce();
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [waitFor, setWaitFor] = useState<QueueBody | null>(null);
  const [busy, setBusy] = useState(false);
  const [freshId, setFreshId] = useState<string | null>(null);
  const holds = useMemo(() => view.bookings.filter(isHeld), [view.bookings]);
  const held = holds.reduce((sum, { seats }) => sum + seats.length, 0);
  const limit = Math.max(0, Math.min(choiceSeatsMax, (show.rules.maxSeatsPerSession ?? choiceSeatsMax) - held));
  const { chosen, setChosen, press } = useChoice({ view, map, limit, busy, onPressed: setRefusal });
  const prices = useAgreedPrices(chosen, map, show);
  const { expired, dismissExpired } = useExpired(view, map);

  const run = useRun({ map, timeZone: show.cinema.timeZone, setBusy, setRefusal, setWaitFor, setChosen });

  const reserve = (wish: ReserveBody) => {
    if (busy || !isOnSale) return;
    dismissExpired();
    void run(
      () => store.reserve(wish),
      (booking) => {
        setChosen([]);
        setFreshId(booking.bookingId);
        const agreed = wish.seats ? prices.agreedTotal(wish.seats) : null;
        if (agreed !== null && agreed.amount !== booking.total.amount)
          setRefusal(describeHeldPriceChange(agreed, booking.total));
        return heldInWords(map, booking);
      },
      wishToWait(wish),
    );
  };

  const holdChosen = () => {
    if (busy || !isOnSale) return;
    const words = newPrice(prices, chosen);
    if (words === null) {
      reserve({ seats: [...chosen] });
      return;
    }
    setRefusal(words);
    announce(`${words.title}. ${words.text}`, 'assertive');
  };

  const alternative = refusal?.alternative ?? null;
  const looks = useLooks(view, chosen, alternative);

  return {
    chosen,
    limit,
    holds,
    freshId,
    expired,
    refusal,
    waitFor,
    busy,
    isOnSale,
    looks,
    press,
    clear: () => setChosen([]),
    hold: holdChosen,
    holdBest: (best) => reserve({ best }),
    takeAlternative: () => {
      if (alternative !== null) reserve({ seats: [...alternative] });
    },
    release: ({ bookingId }) => {
      if (busy) return;
      void run(
        () => store.release(bookingId),
        (booking) => `${capitalize(listSeatLabels(map, getSeatNumbers(booking)))} given back.`,
        null,
      );
    },
    dismissRefusal: () => setRefusal(null),
    dismissExpired,
  };
}

interface RunSurroundings {
  readonly map: HallMap;
  readonly timeZone: string;
  readonly setBusy: (busy: boolean) => void;
  readonly setRefusal: (refusal: Refusal | null) => void;
  readonly setWaitFor: (wish: QueueBody | null) => void;
  readonly setChosen: (change: (before: readonly number[]) => readonly number[]) => void;
}

/** Makes one call at a time: its success and its refusal are said aloud. */
function useRun({ map, timeZone, setBusy, setRefusal, setWaitFor, setChosen }: RunSurroundings) {
  const announce = useAnnounce();
  return useCallback(
    async (call: () => Promise<Booking>, done: (booking: Booking) => string, wish: QueueBody | null) => {
      setBusy(true);
      setRefusal(null);
      setWaitFor(null);
      try {
        announce(done(await call()));
      } catch (thrown) {
        const words = describeError(thrown, {
          nameSeats: (seats) => listSeatLabels(map, seats),
          timeZone: timeZone,
          ...(wish && { wanted: wish.partySize }),
        });
        setRefusal(words);
        if (words.canQueue) setWaitFor(wish);
        // Said by the refusal already; the map would have said it a second time.
        setChosen((before) => before.filter((seat) => !words.taken.includes(seat)));
        announce(`${words.title}. ${words.text}`, 'assertive');
      } finally {
        setBusy(false);
      }
    },
    [announce, map, setBusy, setChosen, setRefusal, setWaitFor, timeZone],
  );
}

/** Shows what a choice costs now, if that is not the price that was shown when it was chosen; else null. */
function newPrice(prices: AgreedPrices, chosen: readonly number[]): Refusal | null {
  const changed = prices.changeOf(chosen);
  if (changed === null) return null;
  prices.agree(chosen);
  return describePriceChange(changed.before, changed.after);
}

/** In the buyer's words: which seats are held until when. */
function heldInWords(map: HallMap, booking: Booking): string {
  const until = booking.expiresAt === null ? '' : ` until ${formatTime(booking.expiresAt)}`;
  return `${capitalize(listSeatLabels(map, getSeatNumbers(booking)))} held for you${until}.`;
}

function useLooks(
  { seats: statuses, bookings }: ShowView,
  chosen: readonly number[],
  alternative: readonly number[] | null,
): SeatLookInput {
  return useMemo(
    () => ({
      statuses,
      mine: new Set(bookings.filter(isHeld).flatMap(getSeatNumbers)),
      bought: new Set(bookings.filter(({ status }) => status === 'booked').flatMap(getSeatNumbers)),
      chosen: new Set(chosen),
      offered: new Set(alternative),
    }),
    [statuses, bookings, chosen, alternative],
  );
}

/** A wish in the words of the line: where certain seats are not to be had, as many others are. */
function wishToWait({ seats, best }: ReserveBody): QueueBody {
  if (!best) return { partySize: seats?.length ?? 1 };
  const { count, tier, kind } = best;
  return { partySize: count, ...(tier !== undefined && { tiers: [tier] }), ...(kind && { kind }) };
}

interface ChoiceSubject {
  readonly view: ShowView;
  readonly map: HallMap;
  readonly limit: number;
  readonly busy: boolean;
  /** Null when the press did something, else why it could not. */
  readonly onPressed: (refusal: Refusal | null) => void;
}

/** The seats chosen on the map. Those that someone else takes meanwhile leave the choice, and the buyer hears which. */
function useChoice({ view, map, limit, busy, onPressed }: ChoiceSubject) {
  const announce = useAnnounce();
  const [chosen, setChosen] = useState<readonly number[]>([]);

  const [lost, setLost] = useState<readonly number[]>([]);

  // While a reservation is on its way, its own hold makes the seats not free: the answer says whose they are.
  if (!busy) {
    const now = splitByAvailability(chosen, (seat) => view.seats[seat] === SeatStatus.free);
    if (now.lost.length > 0) {
      setChosen(now.kept);
      setLost(now.lost);
    }
  }

  useEffect(() => {
    if (lost.length === 0) return;
    const verb = lost.length === 1 ? 'was' : 'were';
    announce(`${capitalize(listSeatLabels(map, lost))} ${verb} just taken by someone else and left your choice.`);
  }, [announce, lost, map]);

  const press = (seat: HallSeat) => {
    if (busy) return;
    const status = view.seats[seat.seat];
    if (status !== SeatStatus.free && !chosen.includes(seat.seat)) {
      announce(`${describePlace(map, seat)} cannot be chosen.`);
      return;
    }
    const result = toggleSeat(chosen, seat.seat, limit);
    if (result.done === 'full') {
      const words = describeChoiceLimit(limit);
      onPressed(words);
      announce(words.text, 'assertive');
      return;
    }
    onPressed(null);
    setChosen(result.chosen);
    const done = result.done === 'added' ? 'chosen' : 'no longer chosen';
    announce(`${describePlace(map, seat)} ${done}, ${formatCount(result.chosen.length, 'seat')} in all.`);
  };

  return { chosen, setChosen, press };
}

/** Holds that ran out while the page was open, each said aloud once. */
function useExpired({ bookings, offer }: ShowView, map: HallMap) {
  const announce = useAnnounce();
  // The end of an offer is told by the line.
  const [offered, setOffered] = useState<ReadonlySet<string>>(new Set());
  if (offer !== null && !offered.has(offer.bookingId)) setOffered(new Set([...offered, offer.bookingId]));
  const said = useRef(new Set<string>());
  const [dismissed, setDismissed] = useState<ReadonlySet<string>>(new Set());
  const expired = useMemo(
    () => bookings.filter(isExpired).filter(({ bookingId }) => !dismissed.has(bookingId) && !offered.has(bookingId)),
    [bookings, dismissed, offered],
  );

  useEffect(() => {
    for (const booking of expired) {
      if (said.current.has(booking.bookingId)) continue;
      said.current.add(booking.bookingId);
      announce(
        `The time for ${listSeatLabels(map, getSeatNumbers(booking))} ran out. They are free for everyone again.`,
        'assertive',
      );
    }
  }, [announce, expired, map]);

  const dismissExpired = useCallback(
    () => setDismissed(new Set(bookings.filter(isExpired).map(({ bookingId }) => bookingId))),
    [bookings],
  );
  return { expired, dismissExpired };
}
