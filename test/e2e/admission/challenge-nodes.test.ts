import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Service } from '../../../src/service.js';
import { passChallenge, quickChallenges, sendSolution, solveFor } from '../../support/challenges.js';
import { testEnvironment } from '../../support/database.js';
import { setUpApp } from '../../support/file-app.js';
import { RestCaller } from '../../support/rest.js';
import { makeShow } from '../../support/show.js';

const oldSecret = testEnvironment('')['SESSION_SECRET']!;
const newSecret = 'the secret after the rotation of 32 bytes';

const app = setUpApp({ env: { ...quickChallenges, CHALLENGE_POLICY: 'always' } });
/** A node during the rotation. It signs with the new secret and verifies with both. */
let rotating: Service;
/** A node after the rotation, which has only the new secret. */
let rotated: Service;

beforeAll(async () => {
  rotating = await app.startNode({ SESSION_SECRET: `${newSecret},${oldSecret}` });
  rotated = await app.startNode({ SESSION_SECRET: newSecret });
});

describe('a challenge', () => {
  it('that was passed on one node is passed on every node', async () => {
    const showId = await makeShow(app.pool);
    const here = await RestCaller.begin(app.url);
    const there = new RestCaller(rotating.url, here.session);
    const reserve = (seat: number) => there.call('POST', `/v1/shows/${showId}/reservations`, { seats: [seat] });
    expect((await reserve(1)).body).toMatchObject({ code: 'CHALLENGE_REQUIRED' });
    await passChallenge(here, showId);
    expect((await reserve(1)).status).toBe(201);
  });

  it('that one node posed can be solved on another node', async () => {
    const showId = await makeShow(app.pool);
    const here = await RestCaller.begin(app.url);
    const there = new RestCaller(rotating.url, here.session);
    expect((await sendSolution(there, showId, await solveFor(here, showId))).status).toBe(200);
  });

  it('of the old secret is accepted during a rotation, and not afterwards', async () => {
    const showId = await makeShow(app.pool);
    const old = await RestCaller.begin(app.url);
    const during = new RestCaller(rotating.url, old.session);
    const { body } = await during.call('POST', '/v1/sessions');
    const solution = await solveFor(old, showId);
    expect((await sendSolution(during, showId, solution)).status).toBe(200);
    // The renewed token has the new secret, so only the signature of the challenge is old on this node.
    const after = new RestCaller(rotated.url, { ...old.session, token: String(body['token']) });
    expect(await sendSolution(after, showId, solution)).toMatchObject({
      status: 403,
      body: { code: 'FORBIDDEN', detail: expect.stringContaining('was not posed by this service') },
    });
  });
});
