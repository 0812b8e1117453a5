import { describe, expect, it } from '@jest/globals';
import type { Queue } from '@usher/contract';
import { SignJWT, UnsecuredJWT } from 'jose';
import { v7 as uuidv7 } from 'uuid';
import { LineFollower } from '../../support/line-follower.js';
import { linePath } from '../../support/line-over-rest.js';
import { join, setUpLineService, getPlace } from '../../support/line-service.js';
import { RestCaller } from '../../support/rest.js';
import { TestSocket } from '../../support/socket.js';

const secret = 'a secret of this test that forgers do not know';

const service = setUpLineService({ SESSION_SECRET: secret });

/** Signs a session token as the service does, except for the given values. */
function signToken(sessionId: string, key = secret, audience = 'usher-session', endsInSeconds = 3600): Promise<string> {
  return new SignJWT()
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(sessionId)
    .setAudience(audience)
    .setExpirationTime(Math.floor(Date.now() / 1000) + endsInSeconds)
    .sign(new TextEncoder().encode(key));
}

/** Creates a show with all seats held, and a buyer Ann who waits in its line. */
async function putAnnInLine(partySize = 2) {
  const { showId, release: giveBack } = await service.makeFullShow([2]);
  const ann = await service.connect();
  const { sessionId } = await ann.session();
  const place = await join(ann, showId, { partySize });
  return { showId, giveBack, ann, annId: sessionId, place };
}

describe('an invalid session token', () => {
  it.each<[string, (annId: string) => Promise<string>]>([
    ['signed with another secret', (annId) => signToken(annId, 'another secret of thirty-two bytes')],
    ['signed for another use', (annId) => signToken(annId, secret, 'usher-ticket')],
    ['expired', (annId) => signToken(annId, secret, 'usher-session', -1)],
    ['with a subject that is no session id', () => signToken('ann')],
    [
      'not signed at all',
      async (annId) =>
        new UnsecuredJWT().setSubject(annId).setAudience('usher-session').setExpirationTime('1h').encode(),
    ],
    [
      'put together from two tokens',
      async (annId) => {
        const [mine, anns] = await Promise.all([
          signToken(uuidv7()),
          signToken(annId, 'another secret of thirty-two bytes'),
        ]);
        return [...anns.split('.').slice(0, 2), mine.split('.')[2]].join('.');
      },
    ],
  ])('gives no access, and the session keeps its place: %s', async (_, forge) => {
    const { showId, ann, annId, place } = await putAnnInLine();
    const token = await forge(annId);
    const caller = new RestCaller(service.url, { sessionId: annId, token, expiresAt: '' });
    for (const [method, body] of [['POST', { partySize: 1 }], ['GET'], ['DELETE']] as const) {
      const answer = await caller.call(method, linePath(showId), body);
      expect([answer.status, answer.body.code]).toEqual([401, 'UNAUTHENTICATED']);
    }
    const refused = TestSocket.connect(service.url, { auth: { token }, reconnection: false });
    await expect(refused).rejects.toMatchObject({ data: { code: 'UNAUTHENTICATED', status: 401 } });
    expect(await getPlace(ann, showId)).toEqual(place);
  });

  it('would be accepted if it were signed correctly', async () => {
    const { showId, annId, place } = await putAnnInLine();
    const caller = new RestCaller(service.url, { sessionId: annId, token: await signToken(annId), expiresAt: '' });
    expect((await caller.call('GET', linePath(showId))).body).toEqual(place);
  });
});

describe('the place of another session', () => {
  it('cannot be claimed with the id, the line ticket or the receipt of that session', async () => {
    const { showId, ann, annId, place } = await putAnnInLine();
    const claims = { ...place, sessionId: annId, partySize: 1 };
    const eve = await service.connect();
    expect(await eve.refused('queue:join', { ...claims, showId })).toMatchObject({ code: 'INVALID_REQUEST' });
    expect(await join(eve, showId)).toMatchObject({ ticket: 2, place: 2, ahead: 1, partySize: 1 });
    const mallory = await service.caller();
    const refused = await mallory.call('POST', linePath(showId), claims);
    expect(refused).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
    const joined = await mallory.call('POST', linePath(showId), { partySize: 1 }, { 'x-session-id': annId });
    expect(joined.body).toMatchObject({ ticket: 3, place: 3, ahead: 2 });
    const receipts = [place.receipt, joined.body.receipt, (await getPlace(eve, showId))?.receipt];
    expect(new Set(receipts).size).toBe(3);
    expect(await getPlace(ann, showId)).toMatchObject({ ticket: 1, waiting: 3, receipt: place.receipt });
  });

  it('cannot be read or given up by anybody else', async () => {
    const { showId, ann, annId, place } = await putAnnInLine();
    const eve = await service.connect();
    const claims = { showId, sessionId: annId, ticket: 1, receipt: place.receipt };
    for (const event of ['queue:status', 'queue:leave']) {
      expect(await eve.refused(event, claims)).toMatchObject({ code: 'INVALID_REQUEST' });
    }
    expect(await getPlace(eve, showId)).toBeNull();
    await eve.ask('queue:leave', { showId });
    const mallory = await service.caller();
    const query = `?sessionId=${annId}&ticket=1&receipt=${place.receipt}`;
    expect((await mallory.call('GET', linePath(showId) + query)).body).toBeNull();
    await mallory.call('DELETE', linePath(showId) + query, { sessionId: annId, receipt: place.receipt });
    expect(await getPlace(ann, showId)).toEqual(place);
  });

  it('cannot be created by joining the line in the name of that session', async () => {
    const { showId } = await service.makeFullShow([2]);
    const victim = await service.connect();
    const { sessionId } = await victim.session();
    const eve = await service.connect();
    for (const forgedClaim of [{ sessionId }, { session: sessionId }, { token: sessionId }]) {
      const refused = await eve.refused('queue:join', { showId, partySize: 1, ...forgedClaim });
      expect(refused).toMatchObject({ code: 'INVALID_REQUEST' });
    }
    await join(eve, showId);
    expect(await getPlace(victim, showId)).toBeNull();
    expect(await getPlace(eve, showId)).toMatchObject({ ticket: 1, waiting: 1 });
  });

  it('is not revealed to other clients', async () => {
    const { showId, giveBack, ann, annId, place } = await putAnnInLine();
    const eve = await service.connect();
    await eve.ask('show:join', { showId });
    const { version } = await join(eve, showId);
    await giveBack(0);
    const { booking } = await ann.next('queue:offer');
    await eve.next('queue:moved', (moved) => moved.version > version);
    await eve.next('seats:changed', ({ version: versionOfChange }) => versionOfChange >= booking.version);
    const received = JSON.stringify(eve.received);
    for (const secretOfAnn of [annId, place.receipt, booking.bookingId]) expect(received).not.toContain(secretOfAnn);
  });
});

describe('the offer of another session', () => {
  it('cannot be read, taken or declined', async () => {
    const { showId, giveBack, ann } = await putAnnInLine();
    const eve = await service.connect();
    const { token } = await eve.session();
    await join(eve, showId, { partySize: 2 });
    await giveBack(0);
    const { bookingId } = (await ann.next('queue:offer')).booking;
    expect(await eve.refused('reservation:release', { bookingId })).toMatchObject({ code: 'FORBIDDEN', status: 403 });
    const taken = await eve.refused('reservation:create', { showId, seats: [0, 1] });
    expect(taken).toMatchObject({ code: 'SEATS_TAKEN', seats: [0, 1] });
    const caller = new RestCaller(service.url, { sessionId: '', token, expiresAt: '' });
    for (const method of ['GET', 'DELETE']) {
      const { status, body } = await caller.call(method, `/v1/bookings/${bookingId}`);
      expect([status, body.code]).toEqual([403, 'FORBIDDEN']);
    }
    expect(await ann.ask('show:join', { showId })).toMatchObject({ bookings: [{ bookingId, status: 'reserved' }] });
    expect(await getPlace(eve, showId)).toMatchObject({ ticket: 2, ahead: 0 });
  });
});

describe('a better place', () => {
  it('cannot be gained with a second session, which gets a new line ticket at the end', async () => {
    const { showId } = await putAnnInLine();
    const eve = await service.connect();
    const first = await join(eve, showId);
    await join(await service.connect(), showId);
    const secondPlace = await service.connect();
    expect(await join(secondPlace, showId)).toMatchObject({ ticket: 4, place: 4, ahead: 3 });
    expect(await getPlace(eve, showId)).toMatchObject({ ticket: first.ticket, ahead: 1 });
  });

  it('cannot be gained by leaving and joining again, which loses the old place', async () => {
    const { showId, ann, place } = await putAnnInLine();
    await join(await service.connect(), showId);
    await ann.ask('queue:leave', { showId });
    const claims = { showId, partySize: 2, ticket: place.ticket, receipt: place.receipt };
    expect(await ann.refused('queue:join', claims)).toMatchObject({ code: 'INVALID_REQUEST' });
    const secondPlace = await join(ann, showId, { partySize: 2 });
    expect(secondPlace).toMatchObject({ ticket: 3, place: 3, ahead: 1, waiting: 2 });
    expect(secondPlace.receipt).not.toBe(place.receipt);
  });

  it('cannot be gained by reserving seats directly while others wait', async () => {
    const { showId, giveBack, ann } = await putAnnInLine();
    const eve = await service.connect();
    await join(eve, showId, { partySize: 2 });
    const sendReservations = () => [
      eve.send('reservation:create', { showId, seats: [0, 1] }),
      eve.send('reservation:create', { showId, best: { count: 2 } }),
      eve.send('reservation:create', { showId, seats: [0, 1], onConflict: 'alternative' }),
    ];
    const before = sendReservations();
    const returned = giveBack(0);
    const answers = await Promise.all([...before, ...sendReservations()]);
    await returned;
    expect(answers.map(({ ok }) => ok)).toEqual(answers.map(() => false));
    expect((await ann.next('queue:offer')).booking.seats).toHaveLength(2);
    expect(await getPlace(eve, showId)).toMatchObject({ ticket: 2, ahead: 0 });
  });
});

describe('an event that only the server may send', () => {
  it('is refused if a client sends it, and reaches no other client', async () => {
    const { showId, ann } = await putAnnInLine();
    const eve = await service.connect();
    await join(eve, showId);
    const forgedEvent = { showId, line: 'seats', version: 99, head: 1, left: [1], waiting: 1, lastPlace: 1, from: 0 };
    for (const event of [
      'queue:moved',
      'queue:offer',
      'queue:admitted',
      'queue:expired',
      'session',
      `line:${showId}:seats`,
    ]) {
      expect(await eve.refused(event, forgedEvent)).toMatchObject({ code: 'INVALID_REQUEST', status: 400 });
    }
    expect(await getPlace(ann, showId)).toMatchObject({ version: 2 });
    const received = ann.received
      .filter(({ event }) => event !== 'session')
      .map(({ event, payload }) => [event, payload]);
    expect(received).toEqual([['queue:moved', expect.objectContaining({ version: 2, head: 1, left: [], waiting: 2 })]]);
  });

  it('about one line does not reach a client that waits in another line', async () => {
    const { showId, ann } = await putAnnInLine();
    const { showId: otherId } = await service.makeFullShow([2]);
    const eve = await service.connect();
    await join(eve, otherId);
    await eve.ask('show:join', { showId });
    expect((await eve.ask('queue:status', { showId })).queue).toBeNull();
    await eve.ask('queue:leave', { showId });
    await join(await service.connect(), showId);
    await ann.next('queue:moved', ({ version }) => version === 2);
    expect(await getPlace(eve, otherId)).toMatchObject({ ticket: 1 });
    const shows = eve.received.flatMap(({ event, payload }) =>
      event === 'queue:moved' && 'showId' in payload ? payload.showId : [],
    );
    expect(shows).not.toContain(showId);
  });
});

describe('a join request with very long fields', () => {
  it('is refused and does not affect the line', async () => {
    const { showId, ann, place } = await putAnnInLine();
    const eve = await service.connect();
    const tooManyTiers = Array.from({ length: 65 }, (_, index) => `tier ${index}`);
    const invalidFields = [
      { tiers: tooManyTiers },
      { tiers: ['x'.repeat(65)] },
      { tiers: Array<string>(4000).fill('standard') },
    ];
    for (const longFields of invalidFields) {
      const error = await eve.refused('queue:join', { showId, partySize: 1, ...longFields });
      expect(error).toMatchObject({ code: 'INVALID_REQUEST' });
    }
    expect(await getPlace(ann, showId)).toEqual(place);
    // A tier that is named many times counts once.
    expect(await join(eve, showId, { partySize: 1, tiers: Array<string>(64).fill('standard') })).toMatchObject({
      ticket: 2,
    });
  });
});

describe('a thousand joins and leaves of one session', () => {
  it('give each join a new line ticket and do not affect the other waiters', async () => {
    const { showId, release: giveBack } = await service.makeFullShow([1, 1]);
    const [ahead, behind] = [await service.connect(), await service.connect()];
    const first = await LineFollower.join(ahead, showId);
    const phone = await service.connect();
    const laptop = await service.connect((await phone.session()).token);
    const tickets: number[] = [];
    const joinAndLeaveRepeatedly = async (socket: TestSocket) => {
      const answers: Promise<unknown>[] = [];
      for (let turn = 0; turn < 500; turn++) {
        const joined = socket.ask('queue:join', { showId, partySize: 1 });
        answers.push(joined.then(({ queue }: { queue: Queue }) => tickets.push(queue.ticket)));
        answers.push(socket.ask('queue:leave', { showId }));
      }
      await Promise.all(answers);
    };
    const last = LineFollower.join(behind, showId);
    await Promise.all([joinAndLeaveRepeatedly(phone), joinAndLeaveRepeatedly(laptop)]);
    await phone.ask('queue:leave', { showId });
    const { byServer, counted } = (await first.count())!;
    expect(counted).toEqual(byServer);
    expect(byServer).toMatchObject({
      waiting: 2,
      ahead: 0,
      lastPlace: Math.max(...tickets, (await getPlace(behind, showId))!.ticket),
    });
    expect(await (await last).count()).toMatchObject({
      byServer: { ahead: 1, waiting: 2 },
      counted: { ahead: 1, waiting: 2 },
    });
    const { rows } = await service.pool.query(
      `select count(*) filter (where kind = 'join')::int as joins, count(*) filter (where kind = 'leave')::int as leaves,
         count(distinct line_ticket)::int as tickets, max(line_ticket) as last, (select count(*)::int from waiter w where w.show_id = $1 and waits) as waits
       from line_event where show_id = $1`,
      [showId],
    );
    const { lastPlace } = byServer;
    expect(rows).toEqual([{ joins: lastPlace, leaves: lastPlace - 2, tickets: lastPlace, last: lastPlace, waits: 2 }]);
    expect(lastPlace).toBeGreaterThan(100);
    await giveBack(0);
    await giveBack(1);
    await Promise.all([ahead, behind].map((socket) => socket.next('queue:offer')));
    for (const socket of [phone, laptop])
      expect(socket.received.filter(({ event }) => event === 'queue:offer')).toEqual([]);
  });
});
