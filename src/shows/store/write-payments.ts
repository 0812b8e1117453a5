import type { PaymentsCommit } from '../core/rows/show-commit.js';
import { StateMismatchError } from './show-store.js';
import { time } from './sql-fragments.js';
import { arrayText, type RunStatement } from './statement.js';

/** Selects the value at the booking's position in the parameter `$2`. */
const nth = (values: string): string => `(${values})[array_position($2::uuid[], booking_id)]`;

/**
 * `$1` show, `$2` bookings, `$3`–`$13` the new values of their columns, with each array as text. The statement finds
 * rows by "= any". The statement `writeAll` in `write-rows.ts` explains why.
 */
const updateBookings = {
  name: 'payment-update-bookings',
  text: `update booking set status = ${nth('$3::text[]')}, seats = ${nth('$4::text[]')}::int[],
      amounts = ${nth('$5::text[]')}::bigint[], substituted = ${nth('$6::bool[]')},
      expires_at = ${time(nth('$7::float8[]'))}, version = ${nth('$8::float8[]')}::bigint,
      payment_id = ${nth('$9::uuid[]')}, payment_status = ${nth('$10::text[]')},
      payment_provider = ${nth('$11::text[]')}, session_id = ${nth('$12::uuid[]')}, source = ${nth('$13::text[]')}
    where show_id = $1 and booking_id = any ($2::uuid[])`,
};

/** `$1` show, `$2` ended bookings, `$3`–`$5` their payments, payment statuses and providers. */
const markBookings = {
  name: 'payment-mark-bookings',
  text: `update booking set payment_id = ${nth('$3::uuid[]')}, payment_status = ${nth('$4::text[]')},
      payment_provider = ${nth('$5::text[]')}
    where show_id = $1 and booking_id = any ($2::uuid[])`,
};

/** `$1` show, `$2`–`$8` refunds by column: refund, payment, booking, amount, currency, kind, whether it is paid. */
const addRefunds = {
  name: 'payment-add-refunds',
  text: `insert into refund (show_id, refund_id, payment_id, booking_id, amount, currency, kind, paid_at)
    select $1, refund, payment, booking, amount, currency, kind, case when is_paid then now() end
    from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::bigint[], $6::text[], $7::text[], $8::bool[])
      as r (refund, payment, booking, amount, currency, kind, is_paid)`,
};

/**
 * Writes the rows of a commit that payments change. These statements are separate round trips, because few commits
 * change payments.
 *
 * @throws StateMismatchError if a booking has no row
 */
export async function writePayments(run: RunStatement, showId: number, commit: PaymentsCommit): Promise<void> {
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
      updated.map(({ sessionId }) => sessionId),
      updated.map(({ source }) => source),
    ];
    found += (await run({ ...updateBookings, values })).rowCount ?? 0;
  }
  if (marked.length > 0) {
    const ids = marked.map(({ bookingId }) => bookingId);
    const values = [showId, ids, ...paymentColumns(marked.map(({ payment }) => payment))];
    found += (await run({ ...markBookings, values })).rowCount ?? 0;
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
    await run({ ...addRefunds, values });
  }
  const changed = updated.length + marked.length;
  if (found < changed) throw new StateMismatchError(`show ${showId}: only ${found} of ${changed} bookings have a row`);
}

type Payment = PaymentsCommit['updated'][number]['payment'];

const paymentColumns = (payments: readonly Payment[]): unknown[] => [
  payments.map((payment) => payment?.paymentId ?? null),
  payments.map((payment) => payment?.status ?? null),
  payments.map((payment) => payment?.provider ?? null),
];
