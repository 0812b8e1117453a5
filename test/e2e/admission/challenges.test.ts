import { describe, expect, it } from '@jest/globals';
import { ChallengePassed, type ChallengePolicy } from '@usher/contract';
import { adminKey, makeKey } from '../../support/api-keys.js';
import {
  passChallenge,
  passChallengeOnSocket,
  quickChallenges,
  sendSolution,
  solveFor,
} from '../../support/challenges.js';
import { validate } from '../../support/contract-shapes.js';
import { setUpApp } from '../../support/file-app.js';
import { RestCaller } from '../../support/rest.js';
import { makeShow, type ShowOptions } from '../../support/show.js';
import { waitUntil } from '../../support/wait-until.js';

const app = setUpApp({ env: { ...quickChallenges, ADMIN_API_KEY: adminKey, HOT_SHOW_CALLS_PER_SECOND: '1' } });

const showWith = (challenge: ChallengePolicy, options: ShowOptions = {}) =>
  makeShow(app.pool, { ...options, protection: { challenge } });
const required = (showId: number) => ({ code: 'CHALLENGE_REQUIRED', status: 403, showId });
const room = { waitingRoom: { mode: 'on', maxShoppers: 1 } } as const;

const reserve = (caller: RestCaller, showId: number, seat: number, headers: Record<string, string> = {}) =>
  caller.call('POST', `/v1/shows/${showId}/reservations`, { seats: [seat] }, headers);

describe('a show with the policy always', () => {
  it('refuses holds and places over REST until the session has passed, and keeps the idempotency key usable', async () => {
    const showId = await showWith('always');
    const caller = await RestCaller.begin(app.url);
    const key = { 'idempotency-key': 'the key of the first hold' };
    expect((await reserve(caller, showId, 1, key)).body).toMatchObject(required(showId));
    const join = () => caller.call('POST', `/v1/shows/${showId}/queue`, { partySize: 1 });
    expect((await join()).body).toMatchObject(required(showId));
    await passChallenge(caller, showId);
    const held = await reserve(caller, showId, 1, key);
    expect(held.status).toBe(201);
    expect((await reserve(caller, showId, 1, key)).body).toEqual(held.body);
  });

  it('refuses holds over sockets until the session has passed', async () => {
    const showId = await showWith('always');
    const socket = await app.connect();
    await socket.joinOpen(showId); // Watching needs no challenge.
    const refused = await socket.refused('reservation:create', { showId, seats: [1] });
    expect(refused).toMatchObject(required(showId));
    expect(refused.detail).toContain(`/v1/shows/${showId}/challenge`);
    expect(await socket.refused('queue:join', { showId, partySize: 1 })).toMatchObject(required(showId));
    await passChallengeOnSocket(socket, showId);
    await socket.ask('reservation:create', { showId, seats: [1] });
  });

  it('asks once per session and show', async () => {
    const [first, second] = [await showWith('always'), await showWith('always')];
    const [caller, other] = [await RestCaller.begin(app.url), await RestCaller.begin(app.url)];
    await passChallenge(caller, first);
    expect((await reserve(caller, first, 1)).status).toBe(201);
    expect((await reserve(caller, first, 2)).status).toBe(201);
    expect((await reserve(caller, second, 1)).body).toMatchObject(required(second));
    expect((await reserve(other, first, 3)).body).toMatchObject(required(first));
  });

  it('lets nobody enter its waiting room without a pass', async () => {
    const showId = await showWith('always', room);
    const socket = await app.connect();
    expect(await socket.refused('show:join', { showId })).toMatchObject(required(showId));
    await passChallengeOnSocket(socket, showId);
    await socket.joinOpen(showId);
  });

  it('refuses SOAP calls without a key', async () => {
    const showId = await showWith('always');
    const answer = await fetch(`${app.url}/soap`, {
      method: 'POST',
      headers: { 'content-type': 'text/xml' },
      body: `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>
        <u:ReserveSeatsRequest xmlns:u="urn:usher:1"><u:showId>${showId}</u:showId><u:seats>1</u:seats></u:ReserveSeatsRequest>
        </e:Body></e:Envelope>`,
    });
    expect(await answer.text()).toContain('CHALLENGE_REQUIRED');
  });

  it('never asks a seller', async () => {
    const showId = await showWith('always');
    const { key } = await makeKey(app.url, { roles: ['kiosk'] });
    const caller = await RestCaller.begin(app.url);
    expect((await reserve(caller, showId, 1, { 'x-api-key': key })).status).toBe(201);
    const socket = await app.connect({ auth: { apiKey: key } });
    await socket.ask('reservation:create', { showId, seats: [2] });
  });
});

describe('a show with the policy hot', () => {
  it('asks from the moment in which many calls per second arrive', async () => {
    const showId = await showWith('hot');
    const callers = await Promise.all(Array.from({ length: 12 }, () => RestCaller.begin(app.url)));
    const answers = [];
    for (const [seat, caller] of callers.entries()) answers.push(await reserve(caller, showId, seat));
    // One call per second on average over ten seconds is reached with the tenth call.
    expect(answers.map(({ status }) => status)).toEqual([...Array.from({ length: 9 }, () => 201), 403, 403, 403]);
    expect(answers[9]!.body).toMatchObject(required(showId));
  });

  it('asks while sessions wait in a line', async () => {
    const showId = await showWith('hot', room);
    const [inside, first, second] = [await app.connect(), await app.connect(), await app.connect()];
    await inside.joinOpen(showId);
    expect(await first.ask('show:join', { showId })).toMatchObject({ access: 'waiting' });
    expect(await second.refused('show:join', { showId })).toMatchObject(required(showId));
    await first.ask('queue:leave', { showId });
    expect(await second.ask('show:join', { showId })).toMatchObject({ access: 'waiting' });
  });

  it('asks in its lobby', async () => {
    const showId = await showWith('hot', { ...room, saleOpensAt: new Date(Date.now() + 3_600_000) });
    const socket = await app.connect();
    expect(await socket.refused('show:join', { showId })).toMatchObject(required(showId));
    await passChallengeOnSocket(socket, showId);
    expect(await socket.ask('show:join', { showId })).toMatchObject({ access: 'waiting' });
  });
});

it.each(['never', 'risk'] as const)('a show with the policy %s asks nobody by itself', async (policy) => {
  const showId = await showWith(policy);
  const callers = await Promise.all(Array.from({ length: 12 }, () => RestCaller.begin(app.url)));
  const answers = await Promise.all(callers.map((caller, seat) => reserve(caller, showId, seat)));
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 12 }, () => 201));
});

it('a show without a policy of its own has the policy of the settings', async () => {
  const showId = await makeShow(app.pool);
  const strict = await app.startNode({ CHALLENGE_POLICY: 'always' });
  const caller = await RestCaller.begin(app.url);
  expect((await reserve(new RestCaller(strict.url, caller.session), showId, 1)).body).toMatchObject(required(showId));
  expect((await reserve(caller, showId, 1)).status).toBe(201);
});

describe('a solution', () => {
  it('counts for a day, and may be sent twice', async () => {
    const showId = await showWith('always');
    // This node does not know the pass from its own memory, so it reads the table.
    const other = await app.startNode();
    const caller = await RestCaller.begin(app.url);
    const solution = await solveFor(caller, showId);
    const first = await sendSolution(caller, showId, solution);
    const { until } = validate(ChallengePassed, first.body);
    const leftMs = Date.parse(until) - Date.now();
    expect(Math.abs(leftMs - 24 * 3_600_000)).toBeLessThan(60_000);
    expect((await sendSolution(caller, showId, solution)).status).toBe(200);
    const age = `update challenge_pass set passed_at = now() - interval '25 hours' where show_id = $1`;
    await app.pool.query(age, [showId]);
    expect((await reserve(new RestCaller(other.url, caller.session), showId, 1)).body).toMatchObject(required(showId));
    // A node deletes old passes when it starts.
    await app.startNode();
    const countPasses = 'select count(*)::int as n from challenge_pass where show_id = $1';
    await waitUntil(async () => (await app.pool.query(countPasses, [showId])).rows[0].n === 0);
  });

  it('is refused for another session and for another show', async () => {
    const [showId, otherShow] = [await showWith('always'), await showWith('always')];
    const [caller, thief] = [await RestCaller.begin(app.url), await RestCaller.begin(app.url)];
    const solution = await solveFor(caller, showId);
    for (const [sender, target] of [
      [thief, showId],
      [caller, otherShow],
    ] as const) {
      const { status, body } = await sendSolution(sender, target, solution);
      expect({ status, body }).toMatchObject({
        status: 403,
        body: { code: 'FORBIDDEN', detail: expect.stringContaining('another session') },
      });
      expect((await reserve(sender, target, 1)).body).toMatchObject(required(target));
    }
  });

  it('that is no solution is refused with a reason, and only a few times', async () => {
    const showId = await showWith('always');
    const caller = await RestCaller.begin(app.url);
    const answers = [];
    for (let attempt = 0; attempt < 11; attempt++)
      answers.push(await sendSolution(caller, showId, `bm9uc2Vuc2U${attempt}`));
    expect(answers[0]!.body).toMatchObject({ code: 'FORBIDDEN', detail: expect.stringContaining('Base64') });
    expect(answers.map(({ status }) => status)).toEqual([...Array.from({ length: 10 }, () => 403), 429]);
    expect(answers[10]!.body).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: expect.any(Number) });
    // A right solution is refused too, so that guessing never pays.
    expect((await sendSolution(caller, showId, await solveFor(caller, showId))).status).toBe(429);
    await passChallenge(await RestCaller.begin(app.url), showId);
  });
});

it('a challenge is posed only for shows that exist, and only to sessions', async () => {
  const caller = await RestCaller.begin(app.url);
  expect(await caller.call('GET', '/v1/shows/999999/challenge')).toMatchObject({ status: 404 });
  expect(await sendSolution(caller, 999_999, 'eA==')).toMatchObject({ status: 404 });
  expect((await fetch(`${app.url}/v1/shows/1/challenge`)).status).toBe(401);
});

it('a session gets a limited number of challenges per minute', async () => {
  const showId = await showWith('always');
  const caller = await RestCaller.begin(app.url);
  const statuses = [];
  for (let count = 0; count < 31; count++)
    statuses.push((await caller.call('GET', `/v1/shows/${showId}/challenge`)).status);
  expect(statuses).toEqual([...Array.from({ length: 30 }, () => 200), 429]);
});

it('the sessions of one address get a limited number of challenges per second', async () => {
  const showId = await showWith('always');
  const node = await app.startNode({ CHALLENGES_PER_SECOND_MAX: '1' });
  const callers = await Promise.all(Array.from({ length: 20 }, () => RestCaller.begin(node.url)));
  const answers = await Promise.all(callers.map((caller) => caller.call('GET', `/v1/shows/${showId}/challenge`)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 429]));
});
