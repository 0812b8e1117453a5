import type { QueryResult } from 'pg';
import * as sql from './payment-sql.js';
import type { PaymentsCommit } from './payments-commit.js';
import { StateMismatchError } from './show-store.js';

type Run = (statement: { name: string; text: string; values: unknown[] }) => Promise<QueryResult>;

const arrayText = (numbers: readonly number[]): string => `{${numbers.join(',')}}`;

/** Writes what a commit does to the rows that payments change. @throws StateMismatchError when a booking has no row */
export async function writePayments(run: Run, showId: number, commit: PaymentsCommit): Promise<void> {
  const { updated, marked, refunds } = commit;
  let found = 0;
  if (updated.length > 0) {
    const values = [
      showId,
      updated.map(({ bookingId }) => bookingId),
      updated.map(({ status }) => status),
      updated.map(({ seats }) => arrayText(seats)),
      updated.map(({ amounts }) => arrayText(amounts)),
      updated.map(({ substituted }) => substituted),
      updated.map(({ expiresAt }) => expiresAt),
      updated.map(({ version }) => version),
      ...paymentColumns(updated.map(({ payment }) => payment)),
    ];
    found += (await run({ ...sql.updateBookings, values })).rowCount ?? 0;
  }
  if (marked.length > 0) {
    const ids = marked.map(({ bookingId }) => bookingId);
    const values = [showId, ids, ...paymentColumns(marked.map(({ payment }) => payment))];
    found += (await run({ ...sql.markBookings, values })).rowCount ?? 0;
  }
  if (refunds.length > 0) {
    const values = [
      showId,
      refunds.map(({ refundId }) => refundId),
      refunds.map(({ paymentId }) => paymentId),
      refunds.map(({ bookingId }) => bookingId),
      refunds.map(({ amount }) => amount),
      refunds.map(({ currency }) => currency),
      refunds.map(({ kind }) => kind),
      refunds.map(({ isPaid = false }) => isPaid),
    ];
    await run({ ...sql.addRefunds, values });
  }
  const changed = updated.length + marked.length;
  if (found < changed) throw new StateMismatchError(`show ${showId}: ${found} of ${changed} bookings have rows`);
}

type Payment = PaymentsCommit['updated'][number]['payment'];

const paymentColumns = (payments: readonly Payment[]): unknown[] => [
  payments.map((payment) => payment?.paymentId ?? null),
  payments.map((payment) => payment?.status ?? null),
  payments.map((payment) => payment?.provider ?? null),
];
