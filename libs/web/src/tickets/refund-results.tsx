import type { Booking, Refund } from '@usher/contract';
import { useEffect, useId, useState } from 'react';
import { useUsher } from '../service/usher-context.js';
import { formatDayAndTime, formatMoney } from '../ui/format.js';

/**
 * First pause before the page reads pending refunds again. The page polls, because the service sends no event when a
 * refund is paid. Each pause is longer than the previous one.
 */
const pollIntervalMs = 2000;
const pollIntervalMsMax = 30_000;

interface RefundResultsProps {
  readonly bookingId: string;
  /** See {@link getRefundsKey}. */
  readonly refundsKey: string;
  readonly timeZone: string;
}

/** Lists the refunds of a booking, and shows whether they were paid. Shows nothing if there are no refunds. */
export function RefundResults({ bookingId, refundsKey, timeZone }: RefundResultsProps) {
  const titleId = useId();
  const refunds = useRefunds(bookingId, refundsKey);
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
              <span className="status-text status-text-warn">On its way to you</span>
            ) : (
              <span className="status-text status-text-good">Paid back on {formatDayAndTime(paidAt, timeZone)}</span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Returns a key that changes whenever a refund of the booking starts. */
export const getRefundsKey = ({ version, payment }: Booking): string => `${version} ${payment?.status ?? ''}`;

/** Returns the refunds of a booking. Reads them again while a refund is pending, and when `refundsKey` changes. */
function useRefunds(bookingId: string, refundsKey: string): readonly Refund[] {
  const { bookings } = useUsher();
  const [known, setKnown] = useState<{ refundsKey: string; refunds: readonly Refund[] }>();

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isWanted = true;
    const read = async (pauseMs: number): Promise<void> => {
      let areAllPaid = false;
      try {
        const current = await bookings.refunds(bookingId);
        if (!isWanted) return;
        setKnown({ refundsKey, refunds: current });
        areAllPaid = current.every(({ status }) => status === 'paid');
      } catch {
        // The service is unreachable right now. The next poll tries again.
      }
      if (isWanted && !areAllPaid) {
        timer = setTimeout(() => void read(Math.min(pollIntervalMsMax, pauseMs * 1.5)), pauseMs);
      }
    };
    void read(pollIntervalMs);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [bookings, bookingId, refundsKey]);

  return known?.refunds ?? [];
}
