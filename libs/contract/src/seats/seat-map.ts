import { z } from 'zod';
import { Id } from '../values/ids.js';
import { Instant } from '../values/times.js';
import { TermsVersion, Version } from '../values/versions.js';

/** The code of each seat status in a snapshot. A code has two bits. A `blocked` seat is not for sale. */
export const SeatStatus = { free: 0, held: 1, sold: 2, blocked: 3 } as const;
export type SeatStatusName = keyof typeof SeatStatus;
export type SeatStatus = (typeof SeatStatus)[SeatStatusName];

/** The names of {@link SeatStatus} in the order of their codes. */
export const seatStatusNames = ['free', 'held', 'sold', 'blocked'] as const satisfies SeatStatusName[];

/** The number of seats with each status. The four counts add up to the number of seats in the hall. */
export const SeatCounts = z
  .object({ free: z.int(), held: z.int(), sold: z.int(), blocked: z.int() })
  .meta({ id: 'SeatCounts' });
export type SeatCounts = z.infer<typeof SeatCounts>;

/** An explanation of a snapshot's `seats` for the API documents. {@link decodeSeats} implements it. */
export const seatCodec = `A snapshot's \`seats\` is standard base64 (RFC 4648, with padding) of two bits per seat. Seat n has the
bits 2·(n mod 4) and 2·(n mod 4)+1 of byte ⌊n/4⌋, so seat 0 has the lowest two bits of byte 0, and seat 4 has the lowest two
bits of byte 1. The values are 0 free, 1 held, 2 sold and 3 blocked. There are ⌈seatCount/4⌉ bytes, and unused bits of the last
byte are 0. To read seat n: \`status = (bytes[n >> 2] >> ((n & 3) * 2)) & 3\`. Example: \`{ "seatCount": 6, "seats": "5AE=" }\` has
the bytes 0xE4 0x01, so the seats 0 to 5 are free, held, sold, blocked, held, free.`;

const Seats = z.base64().meta({
  description:
    'Base64 of two bits per seat: 0 free, 1 held, 2 sold, 3 blocked. Seat 0 has the lowest two bits of byte 0',
  example: '5AE=',
});

/** The status of every seat of a show at one version. {@link decodeSeats} reads `seats`. */
export const SeatMapSnapshot = z
  .object({ showId: Id, version: Version, seatCount: z.int().nonnegative(), seats: Seats })
  .meta({ id: 'SeatMapSnapshot', description: seatCodec });
export type SeatMapSnapshot = z.infer<typeof SeatMapSnapshot>;

/** Answer to `GET /v1/shows/:showId/seats`: a snapshot with the number of seats per status. */
export const SeatMapWithCounts = SeatMapSnapshot.extend({ counts: SeatCounts }).meta({ id: 'SeatMapWithCounts' });
export type SeatMapWithCounts = z.infer<typeof SeatMapWithCounts>;

const seatList = z.array(z.int().nonnegative());

/** The seats that changed, listed by their new status. A status is absent if no seat changed to it. */
export const SeatChange = z.object({
  version: Version,
  free: seatList.optional(),
  held: seatList.optional(),
  sold: seatList.optional(),
  blocked: seatList.optional(),
});
export type SeatChange = z.infer<typeof SeatChange>;

/**
 * Payload of `seats:changed`. It covers all changes after version `from`, up to and including version `version`. It
 * lists the new status of each seat, so a client may apply the same message twice without harm.
 */
export const SeatsChanged = SeatChange.extend({ showId: Id, from: Version }).meta({ id: 'SeatsChanged' });
export type SeatsChanged = z.infer<typeof SeatsChanged>;

/**
 * Payload of `show:version`, which the server sends to the show's room at least every 5 s. A client that knows a lower
 * `version` sends `show:sync`. A client that knows a lower `termsVersion` reads the show again.
 */
export const ShowVersion = z
  .object({ showId: Id, version: Version, serverTime: Instant, termsVersion: TermsVersion.optional() })
  .meta({ id: 'ShowVersion' });
export type ShowVersion = z.infer<typeof ShowVersion>;

/**
 * Packs the status of each seat into two bits, as {@link seatCodec} describes.
 *
 * @param statuses one {@link SeatStatus} per seat, in seat order
 * @returns base64 with padding. A hall of 2,000 seats needs 500 bytes, which are 668 characters.
 */
export function encodeSeats(statuses: Uint8Array): string {
  const bytes = new Uint8Array(Math.ceil(statuses.length / 4));
  for (let seat = 0; seat < statuses.length; seat++) {
    bytes[seat >> 2]! |= (statuses[seat]! & 3) << ((seat & 3) * 2);
  }
  return toBase64(bytes);
}

/**
 * Unpacks the statuses that {@link encodeSeats} packed.
 *
 * @param seats base64 of the packed statuses
 * @param seatCount number of seats in the hall
 * @returns one {@link SeatStatus} per seat, in seat order
 * @throws RangeError if `seats` is not base64, or if its length does not fit `seatCount`
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

// Uses btoa and atob, because no other base64 functions exist both in Node and in every browser of the last ten years.
function toBase64(bytes: Uint8Array): string {
  const chunkLength = 0x8000; // String.fromCharCode puts its arguments on the stack, whose size is limited.
  let binary = '';
  for (let at = 0; at < bytes.length; at += chunkLength) {
    binary += String.fromCharCode(...bytes.subarray(at, at + chunkLength));
  }
  return btoa(binary);
}

function fromBase64(text: string): Uint8Array {
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    throw new RangeError('the seats of a map must be base64');
  }
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
