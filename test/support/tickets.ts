import { endpoints, type Ticket, TicketCode, TicketKeys } from '@usher/contract';
import { compactVerify, createLocalJWKSet } from 'jose';
import { z } from 'zod';
import { parseEncodedJson, parseJson, readJson, validate } from './contract-shapes.js';
import type { RestCaller } from './rest.js';

/** Fetches the tickets of a booking. @throws Error if the service refuses */
export async function fetchTicketsOf(buyer: RestCaller, bookingId: string): Promise<Ticket[]> {
  const { status, body } = await buyer.call('GET', `/v1/bookings/${bookingId}/tickets`);
  if (status !== 200) throw new Error(`the service answered ${status} for the tickets of ${bookingId}`);
  return validate(endpoints.listTickets.answer, body).items;
}

/** Fetches the keys that the service publishes. */
export const fetchTicketKeys = async (url: string): Promise<TicketKeys> =>
  readJson(TicketKeys, await fetch(`${url}/v1/tickets/keys`));

/**
 * Verifies a ticket's code with nothing but the published keys. Returns the content of the code.
 *
 * @throws if the signature is wrong
 */
export async function verifyTicketCode(url: string, code: string): Promise<TicketCode> {
  const keys = createLocalJWKSet(await fetchTicketKeys(url));
  const { payload } = await compactVerify(code, keys, { algorithms: ['EdDSA'] });
  return parseJson(TicketCode, payload);
}

/** Returns the id of the key that signed a ticket's code. */
export const keyIdOf = (code: string): string =>
  parseEncodedJson(z.object({ kid: z.string() }), code.split('.')[0]!).kid;
