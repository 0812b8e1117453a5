import type { ShowStore, ShowView } from '@usher/client';
import { type Booking, type ReserveBody, SeatStatus, type Show } from '@usher/contract';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { HallMap, HallSeat } from '../seat-map/hall-map.js';
import { capital, type LookSources, seatList, seatPlace } from '../seat-map/seat-names.js';
import { useAnnounce } from '../ui/announcer.js';
import { formatTime, plural } from '../ui/format.js';
import { maxChoice, reconcile, toggle } from './choice.js';
import { explain, type Refusal, tooMany } from './refusals.js';

/** A booking whose seats are held and unpaid. */
export type Hold = Extract<Booking, { status: 'reserved' | 'expired' | 'released' }>;

/** What the buyer has done so far and can do next. */
export interface Buying {
  /** Seats chosen on the map and not held yet, in the order of choosing. */
  readonly chosen: readonly number[];
  /** How many may be chosen at most, now. */
  readonly limit: number;
  /** Running holds, newest first. */
  readonly holds: readonly Hold[];
  /** Holds that ran out and whose message was not put away. */
  readonly expired: readonly Hold[];
  readonly refusal: Refusal | null;
  /** A reservation or release is on its way. */
  readonly busy: boolean;
  readonly looks: LookSources;
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
}

const isHeld = (booking: Booking): booking is Hold => booking.status === 'reserved';
const isExpired = (booking: Booking): booking is Hold => booking.status === 'expired';
const seatsOf = (booking: Booking): number[] => booking.seats.map(({ seat }) => seat);

/** The buyer's side of a show: choosing, holding, giving back, and hearing about it. */
export function useBuying({ store, view, map, show }: Subject): Buying {
  const announce = useAnnounce();
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [busy, setBusy] = useState(false);
  const holds = useMemo(() => view.bookings.filter(isHeld), [view.bookings]);
  const held = holds.reduce((sum, { seats }) => sum + seats.length, 0);
  const limit = Math.max(0, Math.min(maxChoice, (show.rules.maxSeatsPerSession ?? maxChoice) - held));
  const { chosen, setChosen, press } = useChoice({ view, map, limit, busy, onPressed: setRefusal });
  const { expired, dismissExpired } = useExpired(view.bookings, map);

  /** One call at a time: its success and its refusal are said aloud. */
  const run = useCallback(
    async (call: () => Promise<Booking>, done: (booking: Booking) => string) => {
      setBusy(true);
      setRefusal(null);
      try {
        announce(done(await call()));
      } catch (thrown) {
        const words = explain(thrown, {
          nameSeats: (seats) => seatList(map, seats),
          timeZone: show.cinema.timeZone,
        });
        setRefusal(words);
        // Said by the refusal already; the map would have said it a second time.
        setChosen((before) => before.filter((seat) => !words.taken.includes(seat)));
        announce(`${words.title}. ${words.text}`, 'assertive');
      } finally {
        setBusy(false);
      }
    },
    [announce, map, setChosen, show.cinema.timeZone],
  );

  const reserve = (wish: ReserveBody) => {
    if (busy) return;
    dismissExpired();
    void run(
      () => store.reserve(wish),
      (booking) => {
        setChosen([]);
        const until = booking.expiresAt === null ? '' : ` until ${formatTime(booking.expiresAt)}`;
        return `${capital(seatList(map, seatsOf(booking)))} held for you${until}.`;
      },
    );
  };

  const alternative = refusal?.alternative ?? null;
  const looks = useMemo<LookSources>(
    () => ({
      statuses: view.seats,
      mine: new Set(holds.flatMap(seatsOf)),
      chosen: new Set(chosen),
      offered: new Set(alternative),
    }),
    [view.seats, holds, chosen, alternative],
  );

  return {
    chosen,
    limit,
    holds,
    expired,
    refusal,
    busy,
    looks,
    press,
    clear: () => setChosen([]),
    hold: () => reserve({ seats: [...chosen] }),
    holdBest: (best) => reserve({ best }),
    takeAlternative: () => {
      if (alternative !== null) reserve({ seats: [...alternative] });
    },
    release: ({ bookingId }) => {
      if (busy) return;
      void run(
        () => store.release(bookingId),
        (booking) => `${capital(seatList(map, seatsOf(booking)))} given back.`,
      );
    },
    dismissRefusal: () => setRefusal(null),
    dismissExpired,
  };
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
    const now = reconcile(chosen, (seat) => view.seats[seat] === SeatStatus.free);
    if (now.lost.length > 0) {
      setChosen(now.kept);
      setLost(now.lost);
    }
  }

  useEffect(() => {
    if (lost.length === 0) return;
    const verb = lost.length === 1 ? 'was' : 'were';
    announce(`${capital(seatList(map, lost))} ${verb} just taken by someone else and left your choice.`);
  }, [announce, lost, map]);

  const press = (seat: HallSeat) => {
    if (busy) return;
    const status = view.seats[seat.seat];
    if (status !== SeatStatus.free && !chosen.includes(seat.seat)) {
      announce(`${seatPlace(map, seat)} cannot be chosen.`);
      return;
    }
    const result = toggle(chosen, seat.seat, limit);
    if (result.done === 'full') {
      const words = tooMany(limit);
      onPressed(words);
      announce(words.text, 'assertive');
      return;
    }
    onPressed(null);
    setChosen(result.chosen);
    const done = result.done === 'added' ? 'chosen' : 'no longer chosen';
    announce(`${seatPlace(map, seat)} ${done}, ${plural(result.chosen.length, 'seat')} in all.`);
  };

  return { chosen, setChosen, press };
}

/** Holds that ran out while the page was open, each said aloud once. */
function useExpired(bookings: readonly Booking[], map: HallMap) {
  const announce = useAnnounce();
  const said = useRef(new Set<string>());
  const [dismissed, setDismissed] = useState<ReadonlySet<string>>(new Set());
  const expired = useMemo(
    () => bookings.filter(isExpired).filter(({ bookingId }) => !dismissed.has(bookingId)),
    [bookings, dismissed],
  );

  useEffect(() => {
    for (const booking of expired) {
      if (said.current.has(booking.bookingId)) continue;
      said.current.add(booking.bookingId);
      announce(
        `The time for ${seatList(map, seatsOf(booking))} ran out. They are free for everyone again.`,
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
