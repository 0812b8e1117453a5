import { solveAltcha } from '@usher/client';
import { Challenge } from '@usher/contract';
import { validate } from './contract-shapes.js';
import type { RestAnswer, RestCaller } from './rest.js';
import type { TestSocket } from './socket.js';

/** Settings with which the challenges of a service are solved in a few milliseconds. */
export const quickChallenges = { CHALLENGE_WORK: '20' };

/** Gets a challenge over REST and solves it. */
export async function solveFor(caller: RestCaller, showId: number): Promise<string> {
  const { body } = await caller.call('GET', `/v1/shows/${showId}/challenge`);
  return solveAltcha(validate(Challenge, body));
}

/** Sends a solution over REST. */
export const sendSolution = (caller: RestCaller, showId: number, solution: string): Promise<RestAnswer> =>
  caller.call('POST', `/v1/shows/${showId}/challenge`, { solution });

/** Passes the challenge of a show over REST. */
export async function passChallenge(caller: RestCaller, showId: number): Promise<void> {
  const { status, body } = await sendSolution(caller, showId, await solveFor(caller, showId));
  if (status !== 200) throw new Error(`the challenge was not passed: ${status} ${JSON.stringify(body)}`);
}

/** Passes the challenge of a show over a socket. */
export async function passChallengeOnSocket(socket: TestSocket, showId: number): Promise<void> {
  const { challenge } = await socket.ask('challenge:get', { showId });
  await socket.ask('challenge:solve', { showId, solution: await solveAltcha(challenge) });
}
