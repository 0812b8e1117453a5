import { createPrivateKey, createPublicKey, hash, sign } from 'node:crypto';
import { type Layout, parseLayoutText } from '@usher/contract';
import { hallPlan } from '../../src/shows/core/seating/index.js';
import type { ShowTerms } from '../../src/shows/core/show-terms.js';

/** The first test key of RFC 8032: receipts decide the shuffle, so they must be the same in every run. */
const privateKey = createPrivateKey({
  key: Buffer.from(
    '302e020100300506032b6570042204209d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    'hex',
  ),
  format: 'der',
  type: 'pkcs8',
});

/** Checks what {@link signTestReceipt} signed. */
export const testReceiptKey = createPublicKey(privateKey);

/** {@link testReceiptKey} as a proof publishes it. */
export const testReceiptKeyText = testReceiptKey.export({ format: 'jwk' }).x ?? '';

/** Signs receipts. */
export const signTestReceipt = (text: string): string =>
  sign(null, Buffer.from(text), privateKey).toString('base64url');

/** What a receipt says of its session. */
export const sessionHashOf = (sessionId: string): string => hash('sha256', sessionId);

function rowsOf(drawings: readonly string[]) {
  const rows = drawings.map((drawing, row) => `${'ABC'.charAt(row)} ${drawing}`);
  const { layout } = parseLayoutText(['section stalls', 'pitch 1', 'seat S premium', ...rows].join('\n'));
  const drawn = layout?.seats ?? [];
  const firstRow = drawn.filter(({ row }) => row === 'A');
  const middle = ((firstRow[0]?.x ?? 0) + (firstRow.at(-1)?.x ?? 0)) / 2;
  return drawn.map((seat) => ({ ...seat, x: seat.x - middle + 4, y: seat.y + 1.5 }));
}

const seats = rowsOf(['ssssss', 'ss_SSS', 'wcSSSS']);

/**
 * A hall of 17 seats, small enough that random buyers are always in each other's way: A1–A6 (seats 0–5), B1–B2, an
 * aisle, B3–B5 (6–10), the wheelchair place C1 (11), its companion C2 (12), C3–C6 (13–16).
 */
export const smallHall: Layout = {
  layoutId: 1,
  seatCount: seats.length,
  width: 8,
  height: 7,
  stage: { label: 'Screen', x: 1, y: 0, width: 6, height: 1 },
  sections: [{ name: 'stalls' }],
  seats,
};

const plan = hallPlan(smallHall);

const fewSeats = rowsOf(['ssSS', 'wcS']);

/** A hall of 7 seats, for which there is always a line: A1–A4 (0–3), the wheelchair place B1 (4), B2 (5) beside it, B3. */
export const tinyHall: Layout = { ...smallHall, layoutId: 2, seatCount: fewSeats.length, seats: fewSeats };

/** The seats of {@link tinyHall}, as terms have them. */
export const tiny: Pick<ShowTerms, 'layout' | 'plan'> = { layout: tinyHall, plan: hallPlan(tinyHall) };

/** A moment to begin at, in ms since 1970. */
export const startAt = Date.UTC(2026, 10, 23, 18);

/** A show in {@link smallHall}, on sale for a day, without a rule about single seats, holds of 10 s. */
export const smallShow = (other: Partial<ShowTerms> = {}): ShowTerms => ({
  showId: 1,
  layout: smallHall,
  plan,
  prices: { standard: 900, premium: 1250 },
  currency: 'EUR',
  saleOpensAt: null,
  saleClosesAt: startAt + 24 * 60 * 60 * 1000,
  movieId: 1,
  hallId: 1,
  startsAt: startAt + 24 * 60 * 60 * 1000,
  endsAt: startAt + 26 * 60 * 60 * 1000,
  calledOff: false,
  termsVersion: 0,
  rules: { singleSeatGap: 'off', maxSeatsPerSession: null, strictLine: false },
  holdMs: 10_000,
  paymentGraceMs: 4000,
  seatsMax: 10,
  waitingRoom: null,
  queueWaitMs: 60_000,
  amountStep: () => 1,
  signReceipt: signTestReceipt,
  ...other,
});
