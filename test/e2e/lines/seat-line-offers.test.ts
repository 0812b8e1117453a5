import { describe, expect, it } from '@jest/globals';
import { Booking, type LayoutSeat, Queue, serverEvents } from '@usher/contract';
import { join, setUpLineService, getPlace } from '../../support/line-service.js';
import { plainSeats } from '../../support/show.js';
import type { TestSocket } from '../../support/socket.js';

const service = setUpLineService();

/** Waits for the next offer on a socket. Returns its seats. */
async function waitForOfferedSeats(socket: TestSocket): Promise<number[]> {
  const { booking } = await socket.next('queue:offer');
  return booking.seats.map(({ seat }) => seat);
}

const hasHeardOffer = (socket: TestSocket): boolean => socket.received.some(({ event }) => event === 'queue:offer');

describe('seats that are given back', () => {
  it('are offered to the lowest line ticket that can use them, and the other waiters learn that they moved up', async () => {
    const { showId, release: giveBack } = await service.makeFullShow([4]);
    const [ann, ben] = [await service.connect(), await service.connect()];
    const first = await join(ann, showId, { partySize: 2 });
    expect(first).toMatchObject({ showId, line: 'seats', ticket: 1, place: 1, ahead: 0, partySize: 2, waiting: 1 });
    expect(Queue.parse(first)).toEqual(first);
    const second = await join(ben, showId, { partySize: 4 });
    expect(second).toMatchObject({ ticket: 2, place: 2, ahead: 1, waiting: 2, lastPlace: 2 });
    await giveBack(0);
    const offer = await ann.next('queue:offer');
    expect(serverEvents['queue:offer'].payload.parse(offer)).toEqual(offer);
    expect(offer.booking).toMatchObject({ showId, status: 'reserved', substituted: false });
    expect(offer.booking.seats).toHaveLength(2);
    const moved = await ben.next('queue:moved', ({ head }) => head === 2);
    expect(serverEvents['queue:moved'].payload.parse(moved)).toEqual(moved);
    expect(moved).toMatchObject({ showId, line: 'seats', left: [], waiting: 1, lastPlace: 2 });
    expect(await getPlace(ann, showId)).toBeNull();
    expect(await getPlace(ben, showId)).toMatchObject({ ticket: 2, ahead: 0 });
  });

  it('are offered on every socket of the session and held for the hold time', async () => {
    const { showId, release: giveBack } = await service.makeFullShow([2]);
    const phone = await service.connect();
    const { token } = await phone.session();
    const laptop = await service.connect(token);
    await join(phone, showId, { partySize: 2 });
    await giveBack(0);
    const [here, there] = await Promise.all([phone.next('queue:offer'), laptop.next('queue:offer')]);
    expect(there).toEqual(here);
    const { createdAt, expiresAt } = here.booking;
    expect(Date.parse(expiresAt ?? '') - Date.parse(createdAt)).toBe(300_000);
  });

  it('can be found over REST by a session without a socket', async () => {
    const { showId, release: giveBack } = await service.makeFullShow([2]);
    const caller = await service.caller();
    await caller.call('POST', `/v1/shows/${showId}/queue`, { partySize: 2 });
    await giveBack(0);
    expect((await caller.call('GET', `/v1/shows/${showId}/queue`)).body).toBeNull();
    const bookings = (await caller.call('GET', `/v1/bookings?showId=${showId}`)).body;
    expect(bookings).toMatchObject({ items: [{ showId, status: 'reserved', seats: [{ seat: 0 }, { seat: 1 }] }] });
  });

  it('go to the next waiter when the offer is declined, and the buyer who declined leaves the line', async () => {
    const { showId, release: giveBack } = await service.makeFullShow([2]);
    const [ann, ben] = [await service.connect(), await service.connect()];
    for (const socket of [ann, ben]) await join(socket, showId, { partySize: 2 });
    await giveBack(0);
    const { booking } = await ann.next('queue:offer');
    await ann.ask('reservation:release', { bookingId: booking.bookingId });
    expect(await waitForOfferedSeats(ben)).toEqual([0, 1]);
    expect(await getPlace(ann, showId)).toBeNull();
    // A buyer who declines gets no message that the offer lapsed.
    expect(ann.received.filter(({ event }) => event === 'queue:expired')).toEqual([]);
  });

  it('are not offered to a party that is too large, but this party keeps its place and is served first later', async () => {
    const { showId, release: giveBack } = await service.makeFullShow([2, 2, 2, 2]);
    const [big, small, late] = [await service.connect(), await service.connect(), await service.connect()];
    await join(big, showId, { partySize: 4 });
    await join(small, showId, { partySize: 2 });
    await giveBack(0);
    expect(await waitForOfferedSeats(small)).toEqual([0, 1]);
    expect(hasHeardOffer(big)).toBe(false);
    expect(await getPlace(big, showId)).toMatchObject({ ticket: 1, place: 1, ahead: 0, waiting: 1 });
    await join(late, showId, { partySize: 3 });
    await giveBack(1);
    await giveBack(2);
    expect(await waitForOfferedSeats(big)).toEqual([2, 3, 4, 5]);
    expect(hasHeardOffer(late)).toBe(false);
    expect(await getPlace(late, showId)).toMatchObject({ ticket: 3, place: 3, ahead: 0 });
  });

  it('are offered at once to as many parties as they suffice for', async () => {
    const { showId, release: giveBack } = await service.makeFullShow([6]);
    const sockets = await service.connectAll(4);
    for (const socket of sockets) await join(socket, showId, { partySize: 2 });
    await giveBack(0);
    const seats = await Promise.all(sockets.slice(0, 3).map(waitForOfferedSeats));
    expect(new Set(seats.flat())).toEqual(new Set([0, 1, 2, 3, 4, 5]));
    expect(await getPlace(sockets[3]!, showId)).toMatchObject({ place: 4, ahead: 0, waiting: 1 });
  });

  it('are not offered to a session that already holds too many seats, until this session gives some of them back', async () => {
    const rules = { maxSeatsPerSession: 5 };
    const { showId, release: giveBack } = await service.makeFullShow([5], { seatsPerRow: 8, rules });
    const [ann, ben] = [await service.connect(), await service.connect()];
    await join(ann, showId, { partySize: 4 });
    // The three free seats are too few for the party, so any buyer may reserve them.
    const { booking } = await ann.ask('reservation:create', { showId, seats: [5, 6] });
    await join(ben, showId, { partySize: 4 });
    await giveBack(0);
    expect(await waitForOfferedSeats(ben)).toHaveLength(4);
    expect(await getPlace(ann, showId)).toMatchObject({ ticket: 1, ahead: 0 });
    await ann.ask('reservation:release', { bookingId: booking.bookingId });
    expect(await waitForOfferedSeats(ann)).toHaveLength(4);
  });
});

describe('a strict line', () => {
  it('serves nobody before its first waiter, and refuses free seats to buyers outside the line', async () => {
    const { showId, release: giveBack } = await service.makeFullShow([2, 2], { rules: { strictLine: true } });
    const [head, next, outsider] = await service.connectAll(3);
    await join(head!, showId, { partySize: 4 });
    await join(next!, showId, { partySize: 2 });
    await giveBack(0);
    const expectedShowFull = { code: 'SHOW_FULL', status: 409, free: 2, canQueue: true };
    expect(await outsider!.refused('reservation:create', { showId, seats: [0, 1] })).toMatchObject(expectedShowFull);
    expect(await outsider!.refused('reservation:create', { showId, best: { count: 1 } })).toMatchObject(
      expectedShowFull,
    );
    expect(hasHeardOffer(next!)).toBe(false);
    expect(await getPlace(next!, showId)).toMatchObject({ place: 2, ahead: 1 });
    await giveBack(1);
    expect(await waitForOfferedSeats(head!)).toEqual([0, 1, 2, 3]);
  });

  it('serves the next waiter when its first waiter leaves', async () => {
    const { showId, release: giveBack } = await service.makeFullShow([2, 2], { rules: { strictLine: true } });
    const [head, next] = await service.connectAll(2);
    await join(head!, showId, { partySize: 4 });
    await join(next!, showId, { partySize: 2 });
    await giveBack(0);
    await head!.ask('queue:leave', { showId });
    expect(await waitForOfferedSeats(next!)).toEqual([0, 1]);
  });
});

describe('a request for particular seats', () => {
  /** Eight seats in a row: two `standard`, two `premium`, two `box`, a wheelchair place and its companion seat. */
  const seats: LayoutSeat[] = plainSeats(1, 8).map((seat, index) => ({
    ...seat,
    tier: ['standard', 'premium', 'box', 'standard'][Math.floor(index / 2)]!,
    kind: index === 6 ? 'wheelchair' : index === 7 ? 'companion' : 'standard',
  }));

  it('is served only with seats of its tiers, and other seats go to later waiters', async () => {
    const { showId, release: giveBack } = await service.makeFullShow([2, 2, 2, 2], { seats });
    const [tierWaiter, anyTierWaiter] = await service.connectAll(2);
    await join(tierWaiter!, showId, { partySize: 2, tiers: ['box', 'premium', 'box'] });
    await join(anyTierWaiter!, showId, { partySize: 2 });
    await giveBack(0);
    expect(await waitForOfferedSeats(anyTierWaiter!)).toEqual([0, 1]);
    expect(hasHeardOffer(tierWaiter!)).toBe(false);
    await giveBack(2);
    const { booking } = await tierWaiter!.next('queue:offer');
    expect(Booking.parse(booking)).toEqual(booking);
    expect(booking.seats.map(({ tier }) => tier)).toEqual(['box', 'box']);
  });

  it('for a wheelchair place gets a wheelchair place before later waiters who could use it too', async () => {
    const { showId, release: giveBack } = await service.makeFullShow([6, 1, 1], { seats });
    const [wheelchair, anybody, late] = await service.connectAll(3);
    await join(wheelchair!, showId, { partySize: 1, kind: 'wheelchair' });
    await join(anybody!, showId, { partySize: 1 });
    await giveBack(2);
    expect(await waitForOfferedSeats(anybody!)).toEqual([7]);
    await join(late!, showId, { partySize: 1 });
    await giveBack(1);
    expect(await waitForOfferedSeats(wheelchair!)).toEqual([6]);
    expect(await getPlace(late!, showId)).toMatchObject({ ticket: 3, ahead: 0 });
  });
});

describe('joining while suitable seats are free', () => {
  it('is answered with a place, followed at once by the offer', async () => {
    const { showId } = await service.makeFullShow([2], { seatsPerRow: 4 });
    const socket = await service.connect();
    const place = await join(socket, showId, { partySize: 2 });
    expect(place).toMatchObject({ line: 'seats', ticket: 1, ahead: 0, chance: 'likely' });
    expect(await waitForOfferedSeats(socket)).toEqual([2, 3]);
    expect(await getPlace(socket, showId)).toBeNull();
  });

  it('does not serve a party that is larger than the number of free seats', async () => {
    const { showId } = await service.makeFullShow([2], { seatsPerRow: 4 });
    const socket = await service.connect();
    await join(socket, showId, { partySize: 3 });
    expect(await getPlace(socket, showId)).toMatchObject({ ticket: 1, waiting: 1 });
    expect(hasHeardOffer(socket)).toBe(false);
  });
});

describe('a buyer outside the line', () => {
  it('learns from SHOW_FULL that the show has a line', async () => {
    const { showId } = await service.makeFullShow([4], { seatsPerRow: 5 });
    const socket = await service.connect();
    const error = await socket.refused('reservation:create', { showId, best: { count: 2 } });
    expect(error).toMatchObject({ code: 'SHOW_FULL', free: 1, canQueue: true });
  });

  it('may reserve seats that no waiter can use', async () => {
    const { showId } = await service.makeFullShow([4], { seatsPerRow: 6 });
    const [waiting, outsider] = await service.connectAll(2);
    await join(waiting!, showId, { partySize: 3 });
    const { booking } = await outsider!.ask('reservation:create', { showId, seats: [4, 5] });
    expect(booking.status).toBe('reserved');
    expect(await getPlace(waiting!, showId)).toMatchObject({ ahead: 0 });
  });

  it('never gets a seat that a waiter could use, however fast the buyer asks', async () => {
    const { showId, seats, release: giveBack } = await service.makeFullShow(Array<number>(10).fill(1));
    const waiting = await service.connectAll(10);
    const outsiders = await service.connectAll(3);
    for (const socket of waiting) await join(socket, showId);
    // Several buyers ask for each seat just before and just after it is given back.
    const attempts = seats.flatMap(([seat], party) => {
      const sendReservations = () =>
        outsiders.map((outsider) => outsider.send('reservation:create', { showId, seats: [seat] }));
      return [
        ...sendReservations(),
        giveBack(party).then(() => ({ ok: false as const, error: null })),
        ...sendReservations(),
      ];
    });
    const answers = await Promise.all(attempts);
    expect(answers.filter(({ ok }) => ok)).toEqual([]);
    const offeredSeats = await Promise.all(waiting.map(waitForOfferedSeats));
    expect(new Set(offeredSeats.flat())).toEqual(new Set(seats.flat()));
  });
});
