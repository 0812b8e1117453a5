import type { Booking, Refund } from '@usher/contract';
import { useEffect, useId, useState } from 'react';
import { formatDayAndTime, formatMoney } from '../ui/format.js';
import { useUsher } from '../service/usher-context.js';

/** How soon a refund that is on its way is asked after; nobody tells of it. Longer each time. */
const pollIntervalMs = 2000;
const pollIntervalMsMax = 30_000;

interface RefundResultsProps {
  readonly bookingId: string;
  /** Another with everything that was given back. */
  readonly state: string;
  readonly timeZone: string;
}

/** What of the money goes back, or has gone back; nothing where none does. */
export function RefundResults({ bookingId, state, timeZone }: RefundResultsProps) {
  const titleId = useId();
  const refunds = useRefunds(bookingId, state);
  if (refunds.length === 0) return null;
  return (
    <section className="panel" aria-labelledby={titleId}>
      <h2 id={titleId}>Refunds</h2>
      <ul className="refund-list">
        {refunds.map(({ refundId, amount, paidAt }) => (
          <li key={refundId}>
            <strong>{formatMoney(amount)}</strong>
            {amount.amount === 0 ? (
              <span className="secondary-text">The fee is as high as the price.</span>
            ) : paidAt === null ? (
              <span className="status-text status-text-warn">On its way back</span>
            ) : (
              <span className="status-text status-text-good">Paid back on {formatDayAndTime(paidAt, timeZone)}</span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What a booking knows of its money: another with each refund that begins. */
export const getRefundsKey = ({ version, payment }: Booking): string => `${version} ${payment?.status ?? ''}`;

/** The refunds, read again while one of them is on its way. */
function useRefunds(bookingId: string, state: string): readonly Refund[] {
  const { bookings } = useUsher();
  const [known, setKnown] = useState<{ of: string; refunds: readonly Refund[] }>();

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isWanted = true;
    const read = async (pauseMs: number): Promise<void> => {
      let isSettled = false;
      try {
        const now = await bookings.refunds(bookingId);
        if (!isWanted) return;
        setKnown({ of: state, refunds: now });
        isSettled = now.every(({ status }) => status === 'paid');
      } catch {
        // Out of reach at the moment: asked for again.
      }
      if (isWanted && !isSettled)
        timer = setTimeout(() => void read(Math.min(pollIntervalMsMax, pauseMs * 1.5)), pauseMs);
    };
    void read(pollIntervalMs);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [bookings, bookingId, state]);

  return known?.refunds ?? [];
}
