import { describe, expect, it } from '@jest/globals';
import { type ChallengeState, solveAltcha, UsherError } from '@usher/client';
import type { Challenge } from '@usher/contract';
import { quickChallenges } from '../../support/challenges.js';
import { setUpApp } from '../../support/file-app.js';
import { sdkClients, waitForView } from '../../support/sdk.js';
import { makeShow } from '../../support/show.js';

const app = setUpApp({ env: { ...quickChallenges, CHALLENGE_POLICY: 'always' } });
const createClient = sdkClients(() => app.url);
const room = { waitingRoom: { mode: 'on', maxShoppers: 5 } } as const;

const countBookings = async (showId: number): Promise<unknown> =>
  (await app.pool.query('select count(*)::int as n from booking where show_id = $1', [showId])).rows;

describe('a show store', () => {
  it('solves the challenge and repeats the hold with its idempotency key', async () => {
    const showId = await makeShow(app.pool);
    const show = createClient().openShow(showId);
    await show.ready;
    const states: ChallengeState[] = [];
    show.subscribe(() => {
      const { challenge } = show.getSnapshot();
      if (states.at(-1) !== challenge) states.push(challenge);
    });
    const booking = await show.reserve({ seats: [1] }, { key: 'the only key' });
    expect(await show.reserve({ seats: [1] }, { key: 'the only key' })).toEqual(booking);
    expect(await countBookings(showId)).toEqual([{ n: 1 }]);
    expect(states).toEqual(['solving', 'none']);
  });

  it('solves the challenge to enter a show with a waiting room', async () => {
    const show = createClient().openShow(await makeShow(app.pool, room));
    await show.ready;
    expect(show.getSnapshot()).toMatchObject({ access: 'open', challenge: 'none', error: null });
  });

  it('solves one challenge for calls at the same time', async () => {
    let solved = 0;
    const solveChallenge = (challenge: Challenge) => {
      solved++;
      return solveAltcha(challenge);
    };
    const showId = await makeShow(app.pool);
    const show = createClient({ solveChallenge }).openShow(showId);
    const holds = await Promise.all([1, 2, 3].map((seat) => show.reserve({ seats: [seat] })));
    expect([holds.length, solved]).toEqual([3, 1]);
  });

  it('solves the challenge to join the line for seats, over the socket and over REST', async () => {
    const showId = await makeShow(app.pool, { rows: 1, seatsPerRow: 1 });
    await createClient()
      .openShow(showId)
      .reserve({ seats: [0] });
    const waiting = createClient().openShow(showId);
    expect(await waiting.joinLine({ partySize: 1 })).toMatchObject({ line: 'seats' });
    expect(await createClient().lines.join(showId, { partySize: 1 })).toMatchObject({ line: 'seats' });
  });

  it('makes one attempt per call if the solver fails, and says why', async () => {
    let attempts = 0;
    const solveChallenge = () => {
      attempts++;
      return Promise.reject(new Error('the widget did not load'));
    };
    const showId = await makeShow(app.pool);
    const show = createClient({ solveChallenge }).openShow(showId);
    await show.ready;
    const error: unknown = await show.reserve({ seats: [1] }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UsherError);
    expect(error).toMatchObject({
      code: 'CHALLENGE_REQUIRED',
      body: { showId },
      cause: { message: 'the widget did not load' },
    });
    expect(attempts).toBe(1);
    expect(show.getSnapshot().challenge).toBe('failed');
  });

  it('enters after a failed challenge as soon as the page asks for another attempt', async () => {
    let hasWidget = false;
    const solveChallenge = (challenge: Challenge) =>
      hasWidget ? solveAltcha(challenge) : Promise.reject(new Error('the widget did not load'));
    const show = createClient({ solveChallenge }).openShow(await makeShow(app.pool, room));
    await waitForView(show, ({ challenge }) => challenge === 'failed');
    hasWidget = true;
    show.retryChallenge();
    const view = await waitForView(show, ({ challenge, connection }) => challenge === 'none' && connection === 'live');
    expect(view).toMatchObject({ access: 'open', seatCount: 100 });
  });

  it('gives up on a wrong solution', async () => {
    const show = createClient({ solveChallenge: async () => 'wrong' }).openShow(await makeShow(app.pool));
    await expect(show.reserve({ seats: [1] })).rejects.toMatchObject({
      code: 'CHALLENGE_REQUIRED',
      cause: { code: 'FORBIDDEN' },
    });
  });
});
