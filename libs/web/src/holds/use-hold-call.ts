import type { Booking, QueueBody } from '@usher/contract';
import { useCallback, useState } from 'react';
import type { HallMap } from '../seat-map/hall-map.js';
import { listSeatLabels } from '../seat-map/seat-text.js';
import { describeError, type Refusal } from '../service/refusals.js';
import { useAnnounce } from '../ui/announcer.js';

/** A reservation or a release, and what to do with its result. */
interface HoldCall {
  readonly call: () => Promise<Booking>;
  /** Handles the success and returns the text to announce. */
  readonly onDone: (booking: Booking) => string;
  /** Called with seats that another buyer has taken. */
  readonly onTaken: (takenSeats: readonly number[]) => void;
  /** The request with which the buyer can join the line if the reservation is refused. Null for a release. */
  readonly lineRequest: QueueBody | null;
}

/** Runs reservations and releases, and announces their results to screen readers. */
export function useHoldCall(map: HallMap, timeZone: string) {
  const announce = useAnnounce();
  const [isBusy, setIsBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [lineRequest, setLineRequest] = useState<QueueBody | null>(null);

  /** Shows a refusal and announces it. */
  const refuse = useCallback(
    (next: Refusal) => {
      setRefusal(next);
      announce(`${next.title}. ${next.text}`, 'assertive');
    },
    [announce],
  );

  const run = useCallback(
    async ({ call, onDone, onTaken, lineRequest: request }: HoldCall) => {
      setIsBusy(true);
      setRefusal(null);
      setLineRequest(null);
      try {
        announce(onDone(await call()));
      } catch (error) {
        const next = describeError(error, {
          nameSeats: (seats) => listSeatLabels(map, seats),
          timeZone,
          ...(request && { requestedCount: request.partySize }),
        });
        if (next.canJoinLine) setLineRequest(request);
        onTaken(next.takenSeats);
        refuse(next);
      } finally {
        setIsBusy(false);
      }
    },
    [announce, map, refuse, timeZone],
  );

  return { run, isBusy, refusal, setRefusal, refuse, lineRequest };
}
