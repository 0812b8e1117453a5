import { expect } from '@jest/globals';
import { Queue } from '@usher/contract';
import type { RestAnswer, RestCaller } from './rest.js';

/** Returns the path of a show's line in the REST API. */
export const linePath = (showId: number): string => `/v1/shows/${showId}/queue`;

/** Joins the line over REST. */
export async function joinOverRest(
  caller: RestCaller,
  showId: number,
  request: object = { partySize: 1 },
): Promise<Queue> {
  const { status, body } = await caller.call('POST', linePath(showId), request);
  expect(status).toBe(201);
  return Queue.parse(body);
}

/**
 * Starts a long poll. Then expects that later requests are answered first, which proves that the server holds the poll
 * open.
 */
export async function startLongPoll(
  caller: RestCaller,
  showId: number,
  ahead?: number | null,
): Promise<{ answer: Promise<RestAnswer> }> {
  let isAnswered = false;
  const path = `${linePath(showId)}?wait=25${ahead === undefined ? '' : `&ahead=${ahead}`}`;
  const answer = caller.call('GET', path).finally(() => {
    isAnswered = true;
  });
  for (let turn = 0; turn < 5; turn++) await caller.call('GET', `/v1/bookings?showId=${showId}`);
  expect(isAnswered).toBe(false);
  return { answer };
}
