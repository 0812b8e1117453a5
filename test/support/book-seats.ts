import { Booking } from '@usher/contract';
import type { Pool } from 'pg';
import { v7 as uuidv7 } from 'uuid';
import type { Command } from '../../src/shows/core/commands/command.js';
import { BookingRepository } from '../../src/shows/store/booking.repository.js';
import { validate } from './contract-shapes.js';
import { openLane, plainTerms } from './lanes.js';
import type { RestCaller } from './rest.js';

/**
 * Books seats as another node would after a payment. The show must come from `makeShow` with default options.
 *
 * @param seatsOrHold an existing hold, or seats that the function holds first
 */
export async function book(
  pool: Pool,
  buyer: RestCaller,
  showId: number,
  seatsOrHold: readonly number[] | Booking,
): Promise<Booking> {
  const { bookingId, total } = 'bookingId' in seatsOrHold ? seatsOrHold : await hold(buyer, showId, seatsOrHold);
  const stored = await new BookingRepository(pool).find(bookingId);
  if (!stored) throw new Error(`booking ${bookingId} has no row`);
  const payment = { paymentId: uuidv7(), provider: 'sandbox' };
  await submit(pool, showId, {
    type: 'book',
    booking: stored.booking,
    payment,
    captured: total,
    onConflict: 'refuse',
  });
  await catchUp(buyer, showId);
  return validate(Booking, (await buyer.call('GET', `/v1/bookings/${bookingId}`)).body);
}

/** Refunds paid seats as another node would. */
export async function refund(
  pool: Pool,
  buyer: RestCaller,
  { showId, bookingId }: Booking,
  seats: readonly number[],
): Promise<void> {
  await submit(pool, showId, { type: 'refund', bookingId, seats, by: 'staff' });
  await catchUp(buyer, showId);
}

/**
 * Makes the service catch up on the commits of other nodes. Every command has this effect, even one that changes
 * nothing.
 */
async function catchUp(buyer: RestCaller, showId: number): Promise<void> {
  await buyer.call('DELETE', `/v1/shows/${showId}/queue`);
}

async function hold(buyer: RestCaller, showId: number, seats: readonly number[]): Promise<Booking> {
  const { status, body } = await buyer.call('POST', `/v1/shows/${showId}/reservations`, { seats });
  if (status !== 201) throw new Error(`the service refused the hold: ${JSON.stringify(body)}`);
  return validate(Booking, body);
}

async function submit(pool: Pool, showId: number, command: Command): Promise<void> {
  const { lane, failures } = await openLane(plainTerms(showId), pool);
  const outcome = await lane.submit(command);
  if (failures.length > 0) throw failures[0];
  if (outcome.type !== 'settled' && outcome.type !== 'done')
    throw new Error(`the lane refused the command: ${JSON.stringify(outcome)}`);
}
