import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createUsher } from '@usher/client';
import { Challenge } from '@usher/contract';
import { sendSolution } from '../../support/challenges.js';
import { validate } from '../../support/contract-shapes.js';
import { setUpApp } from '../../support/file-app.js';
import { RestCaller } from '../../support/rest.js';
import { makeShow } from '../../support/show.js';
import { TurnstileServer } from '../../support/turnstile.js';

let turnstile: TurnstileServer;
beforeAll(async () => {
  turnstile = await TurnstileServer.start();
});
afterAll(() => turnstile.close());

const settings = () => ({
  CHALLENGE_POLICY: 'always',
  CHALLENGE_PROVIDER: 'turnstile',
  TURNSTILE_SITE_KEY: 'site',
  TURNSTILE_SECRET_KEY: TurnstileServer.secretKey,
  TURNSTILE_URL: turnstile.url,
});
const app = setUpApp({ env: settings });

const getChallenge = async (caller: RestCaller, showId: number): Promise<Challenge> =>
  validate(Challenge, (await caller.call('GET', `/v1/shows/${showId}/challenge`)).body);

it('a token of the widget passes the challenge once, and only for its session and its show', async () => {
  const [showId, otherShow] = [await makeShow(app.pool), await makeShow(app.pool)];
  const [caller, thief] = [await RestCaller.begin(app.url), await RestCaller.begin(app.url)];
  const { provider, parameters } = await getChallenge(caller, showId);
  expect(provider).toBe('turnstile');
  const forbidden = { status: 403, body: { code: 'FORBIDDEN' } };
  expect(await sendSolution(thief, showId, turnstile.solve(parameters))).toMatchObject(forbidden);
  expect(await sendSolution(caller, otherShow, turnstile.solve(parameters))).toMatchObject(forbidden);
  const token = turnstile.solve(parameters);
  expect(await sendSolution(caller, showId, token)).toMatchObject({ status: 200, body: { passed: true } });
  expect(await sendSolution(thief, showId, token)).toMatchObject(forbidden);
  expect(await sendSolution(caller, showId, 'invented')).toMatchObject(forbidden);
  // Turnstile learns nothing about the buyer from the service.
  expect(turnstile.received.join()).not.toContain(caller.session.sessionId);
});

it('a page lets the SDK hold seats with its own widget', async () => {
  const showId = await makeShow(app.pool);
  const usher = createUsher({ url: app.url, solveChallenge: async ({ parameters }) => turnstile.solve(parameters) });
  try {
    expect(await usher.openShow(showId).reserve({ seats: [1] })).toMatchObject({ status: 'reserved' });
  } finally {
    usher.close();
  }
});

it('buyers have to try again while Turnstile fails, and nobody passes', async () => {
  const showId = await makeShow(app.pool);
  const caller = await RestCaller.begin(app.url);
  const { parameters } = await getChallenge(caller, showId);
  turnstile.brokenStatus = 500;
  const busy = { status: 503, body: { code: 'BUSY', retryAfterMs: 1000 } };
  expect(await sendSolution(caller, showId, turnstile.solve(parameters))).toMatchObject(busy);
  turnstile.brokenStatus = null;
  const wrongSecret = await app.startNode({ TURNSTILE_SECRET_KEY: 'another secret' });
  const callerThere = new RestCaller(wrongSecret.url, caller.session);
  expect(await sendSolution(callerThere, showId, turnstile.solve(parameters))).toMatchObject(busy);
  expect(await sendSolution(caller, showId, turnstile.solve(parameters))).toMatchObject({ status: 200 });
});
