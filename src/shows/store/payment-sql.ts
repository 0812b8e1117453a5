/** Statements on the rows that payments change, a round trip of their own: few commits have any. */

/** Milliseconds since 1970 as a time; null stays null. */
const time = (value: string): string => `(timestamptz 'epoch' + ${value} * interval '1 ms')`;

const nth = (values: string): string => `(${values})[array_position($2::uuid[], booking_id)]`;

/**
 * Bookings as payments leave them: `$1` show, `$2` bookings, `$3`–`$11` their columns, arrays of a booking as text. Rows
 * are found by "= any", as in `write`. Answers how many there were.
 */
export const updateBookings = {
  name: 'payment-update-bookings',
  text: `update booking set status = ${nth('$3::text[]')}, seats = ${nth('$4::text[]')}::int[],
      amounts = ${nth('$5::text[]')}::bigint[], substituted = ${nth('$6::bool[]')},
      expires_at = ${time(nth('$7::float8[]'))}, version = ${nth('$8::float8[]')}::bigint,
      payment_id = ${nth('$9::uuid[]')}, payment_status = ${nth('$10::text[]')},
      payment_provider = ${nth('$11::text[]')}
    where show_id = $1 and booking_id = any ($2::uuid[])`,
};

/** What ended bookings say of their payments: `$1` show, `$2` bookings, `$3`–`$5` payment, status, provider. */
export const markBookings = {
  name: 'payment-mark-bookings',
  text: `update booking set payment_id = ${nth('$3::uuid[]')}, payment_status = ${nth('$4::text[]')},
      payment_provider = ${nth('$5::text[]')}
    where show_id = $1 and booking_id = any ($2::uuid[])`,
};

/** Money that is to go back: `$1` show, `$2`–`$8` refund, payment, booking, amount, currency, kind, whether it is paid. */
export const addRefunds = {
  name: 'payment-add-refunds',
  text: `insert into refund (show_id, refund_id, payment_id, booking_id, amount, currency, kind, paid_at)
    select $1, refund, payment, booking, amount, currency, kind, case when is_paid then now() end from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::bigint[], $6::text[], $7::text[],
      $8::bool[]) as r (refund, payment, booking, amount, currency, kind, is_paid)`,
};
