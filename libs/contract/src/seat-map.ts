import { z } from 'zod';
import { Id, Instant, TermsVersion, Version } from './primitives.js';

/** Status of a seat on the wire: the two bits that stand for it in a snapshot. `blocked` is not for sale. */
export const SeatStatus = { free: 0, held: 1, sold: 2, blocked: 3 } as const;
export type SeatStatusName = keyof typeof SeatStatus;
export type SeatStatus = (typeof SeatStatus)[SeatStatusName];

/** The names of {@link SeatStatus}, in the order of their codes. */
export const seatStatusNames = ['free', 'held', 'sold', 'blocked'] as const satisfies SeatStatusName[];

/** Seat counts by status; together they are the hall. */
export const SeatCounts = z
  .object({ free: z.int(), held: z.int(), sold: z.int(), blocked: z.int() })
  .meta({ id: 'SeatCounts' });
export type SeatCounts = z.infer<typeof SeatCounts>;

/** How a snapshot's `seats` is read, for the API's documents. */
export const seatCodec = `A snapshot's \`seats\` is standard base64 (RFC 4648, with padding) of two bits per seat. Seat n has the
bits 2·(n mod 4) and 2·(n mod 4)+1 of byte ⌊n/4⌋, so seat 0 has the lowest two bits of byte 0, and seat 4 those of
byte 1. The values are 0 free, 1 held, 2 sold and 3 blocked. There are ⌈seatCount/4⌉ bytes; unused bits of the last byte
are 0. To read seat n: \`status = (bytes[n >> 2] >> ((n & 3) * 2)) & 3\`. Example: \`{ "seatCount": 6, "seats": "5AE=" }\` has
the bytes 0xE4 0x01, so the seats 0 to 5 are free, held, sold, blocked, held, free.`;

const Seats = z.base64().meta({
  description:
    'Base64 of two bits per seat: 0 free, 1 held, 2 sold, 3 blocked. Seat 0 has the lowest two bits of byte 0',
  example: '5AE=',
});

/** All seats of a show at one version; `seats` is base64 of two bits a seat, see {@link encodeSeats}. */
export const SeatMapSnapshot = z
  .object({ showId: Id, version: Version, seatCount: z.int().nonnegative(), seats: Seats })
  .meta({ id: 'SeatMapSnapshot', description: seatCodec });
export type SeatMapSnapshot = z.infer<typeof SeatMapSnapshot>;

/** `GET /v1/shows/:showId/seats`. */
export const SeatMapWithCounts = SeatMapSnapshot.extend({ counts: SeatCounts }).meta({ id: 'SeatMapWithCounts' });
export type SeatMapWithCounts = z.infer<typeof SeatMapWithCounts>;

const seatList = z.array(z.int().nonnegative());

/** The seats that now have each status; a status without seats is left out. */
export const SeatChange = z.object({
  version: Version,
  free: seatList.optional(),
  held: seatList.optional(),
  sold: seatList.optional(),
  blocked: seatList.optional(),
});
export type SeatChange = z.infer<typeof SeatChange>;

/** `seats:changed`: covers the versions after `from` up to `version`. Statuses are absolute, so applying twice is harmless. */
export const SeatsChanged = SeatChange.extend({ showId: Id, from: Version }).meta({ id: 'SeatsChanged' });
export type SeatsChanged = z.infer<typeof SeatsChanged>;

/**
 * `show:version`: sent at least every 5 s to the show's room. A client with a lower `version` sends `show:sync`; one with a
 * lower `termsVersion` reads the show again.
 */
export const ShowVersion = z
  .object({ showId: Id, version: Version, serverTime: Instant, termsVersion: TermsVersion.optional() })
  .meta({ id: 'ShowVersion' });
export type ShowVersion = z.infer<typeof ShowVersion>;

/**
 * Packs one status a seat into two bits a seat: seat 0 in the lowest two bits of byte 0, seat 4 in those of byte 1.
 *
 * @param statuses one {@link SeatStatus} a seat, in seat order
 * @returns base64 with padding; 2,000 seats are 500 bytes, 668 characters
 */
export function encodeSeats(statuses: Uint8Array): string {
  const bytes = new Uint8Array(Math.ceil(statuses.length / 4));
  for (let seat = 0; seat < statuses.length; seat++) {
    bytes[seat >> 2]! |= (statuses[seat]! & 3) << ((seat & 3) * 2);
  }
  return toBase64(bytes);
}

/**
 * Reads what {@link encodeSeats} wrote.
 *
 * @param seats base64 of the packed statuses
 * @param seatCount how many seats the hall has
 * @throws RangeError when `seats` is not base64 or has another length than `seatCount` seats need
 */
export function decodeSeats(seats: string, seatCount: number): Uint8Array {
  const bytes = fromBase64(seats);
  if (bytes.length !== Math.ceil(seatCount / 4)) {
    throw new RangeError(`a map of ${seatCount} seats has ${Math.ceil(seatCount / 4)} bytes, not ${bytes.length}`);
  }
  const statuses = new Uint8Array(seatCount);
  for (let seat = 0; seat < seatCount; seat++) {
    statuses[seat] = (bytes[seat >> 2]! >> ((seat & 3) * 2)) & 3;
  }
  return statuses;
}

// btoa and atob are the only base64 that every browser of the last ten years and Node share.
function toBase64(bytes: Uint8Array): string {
  const chunk = 0x8000; // String.fromCharCode takes its arguments on the stack
  let binary = '';
  for (let at = 0; at < bytes.length; at += chunk) {
    binary += String.fromCharCode(...bytes.subarray(at, at + chunk));
  }
  return btoa(binary);
}

function fromBase64(text: string): Uint8Array {
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    throw new RangeError('a seat map is base64');
  }
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
