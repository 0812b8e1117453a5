import { describe, expect, it } from '@jest/globals';
import { join, setUpLineService, getPlace } from '../../support/line-service.js';
import type { TestSocket } from '../../support/socket.js';

const maxWaitMs = 3000;

const service = setUpLineService({ QUEUE_MAX_WAIT_SECONDS: String(maxWaitMs / 1000) });

/** Returns, for each expired line ticket, how many ms after its `expiresAt` the wait ended, according to the chain. */
async function readExpiryDelays(showId: number): Promise<{ ticket: number; late: number }[]> {
  const { rows } = await service.pool.query<{ ticket: number; late: number }>(
    `select line_ticket as ticket, (extract(epoch from e.at - w.expires_at) * 1000)::float8 as late
     from line_event e join waiter w using (show_id, line, line_ticket) where show_id = $1 and e.kind = 'expire'
     order by line_ticket`,
    [showId],
  );
  return rows;
}

/** Waits about one second. Uses a long poll of one second for a line in which nothing happens. */
async function waitASecond(): Promise<void> {
  const { showId } = await service.makeFullShow([1]);
  const caller = await service.caller();
  await caller.call('POST', `/v1/shows/${showId}/queue`, { partySize: 1 });
  await caller.call('GET', `/v1/shows/${showId}/queue?wait=1`);
}

/** Waits until the wait of a socket ends. Returns 'offer', or the reason why the wait expired. */
function waitForEnd(socket: TestSocket): Promise<string> {
  return new Promise((resolve) => {
    const checkHeard = () => {
      const end = socket.received.find(({ event }) => event === 'queue:offer' || event === 'queue:expired');
      if (!end) return;
      socket.io.offAny(checkHeard);
      resolve('reason' in end.payload ? (end.payload.reason ?? '') : 'offer');
    };
    socket.io.onAny(checkHeard);
    checkHeard();
  });
}

describe('the maximum wait', () => {
  it('ends a wait within a second after its time limit, never earlier, with queue:expired on every socket', async () => {
    const { showId } = await service.makeFullShow([2]);
    const phone = await service.connect();
    const laptop = await service.connect((await phone.session()).token);
    const queue = await join(phone, showId, { partySize: 2 });
    expect(Date.parse(queue.expiresAt) - Date.parse(queue.joinedAt)).toBe(maxWaitMs);
    const expired = { showId, line: 'seats', reason: 'maxWait' };
    expect(await Promise.all([phone.next('queue:expired'), laptop.next('queue:expired')])).toEqual([expired, expired]);
    expect(await getPlace(phone, showId)).toBeNull();
    const [{ late } = { late: NaN }] = await readExpiryDelays(showId);
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThan(1000);
  });

  it('can be followed by another wait at the end of the line', async () => {
    const { showId } = await service.makeFullShow([2]);
    const [ann, ben] = await service.connectAll(2);
    await join(ann!, showId);
    await ann!.next('queue:expired');
    await join(ben!, showId);
    expect(await join(ann!, showId)).toMatchObject({ ticket: 3, place: 3, ahead: 1 });
  });

  it('does not end a wait that got an offer in time, and no offer follows after it has ended a wait', async () => {
    const { showId, release: giveBack } = await service.makeFullShow(Array<number>(20).fill(1));
    const sockets = await service.connectAll(60);
    // The sockets join one after another, so their waits end one after another. The last thirty join a second later.
    for (const socket of sockets.slice(0, 30)) await join(socket, showId);
    await waitASecond();
    for (const socket of sockets.slice(30)) await join(socket, showId);
    await sockets[0]!.next('queue:expired');
    await Promise.all(Array.from({ length: 20 }, (_, party) => giveBack(party)));
    const ends = await Promise.all(sockets.slice(1).map(waitForEnd));
    const { rows } = await service.pool.query<{ ticket: number; kind: string; inTime: boolean }>(
      `select line_ticket as ticket, e.kind, e.at < w.expires_at as "inTime" from line_event e join waiter w using (show_id, line, line_ticket)
       where show_id = $1 and e.kind <> 'join' order by n`,
      [showId],
    );
    // Each wait ends once, and the waits end in the order of the line tickets. Each session received the same outcome
    // that the table records for it.
    expect(rows.map(({ ticket }) => ticket)).toEqual(sockets.map((_, index) => index + 1));
    const notified = ['maxWait', ...ends].map((end) => (end === 'maxWait' ? 'expire' : end));
    expect(rows.map(({ kind }) => kind)).toEqual(notified);
    expect(rows.map(({ inTime }) => inTime)).toEqual(notified.map((kind) => kind === 'offer'));
    expect(notified.filter((kind) => kind === 'offer')).toHaveLength(20);
  });
});

describe('the end of the sale', () => {
  it('ends the line for every waiter, but seats that were offered earlier stay held', async () => {
    const startsAt = new Date(Date.now() + 2500);
    const { showId, release: giveBack } = await service.makeFullShow([1, 2], { startsAt });
    const [ann, ben, eve, late] = await service.connectAll(4);
    await join(ann!, showId);
    await join(ben!, showId, { partySize: 3 });
    await join(eve!, showId, { partySize: 2 });
    await giveBack(0);
    const { booking } = await ann!.next('queue:offer');
    const closed = { showId, line: 'seats', reason: 'saleClosed' };
    const notified = await Promise.all([ben!.next('queue:expired'), eve!.next('queue:expired')]);
    expect(notified).toEqual([closed, closed]);
    for (const socket of [ann!, ben!, eve!]) expect(await getPlace(socket, showId)).toBeNull();
    const joined = await ann!.ask('show:join', { showId });
    expect(joined).toMatchObject({ bookings: [{ bookingId: booking.bookingId, status: 'reserved' }] });
    expect(ann!.received.filter(({ event }) => event === 'queue:expired')).toEqual([]);
    // Seats that are given back after the end of the sale are not offered.
    await giveBack(1);
    const error = await late!.refused('queue:join', { showId, partySize: 1 });
    expect(error).toMatchObject({ code: 'SALE_CLOSED', status: 409, closesAt: startsAt.toISOString() });
    expect(ben!.received.filter(({ event }) => event === 'queue:offer')).toEqual([]);
  });
});
