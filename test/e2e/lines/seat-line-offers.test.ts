import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Booking, type LayoutSeat, Queue, serverEvents } from '@usher/contract';
import { join, LineService, placeOf } from '../../support/line-service.js';
import { plainSeats } from '../../support/show.js';
import type { TestSocket } from '../../support/socket.js';

let service: LineService;

beforeAll(async () => {
  service = await LineService.start();
});

afterAll(async () => {
  await service.close();
});

/** The seats of the next offer that a socket hears. */
async function offered(socket: TestSocket): Promise<number[]> {
  const { booking } = await socket.next('queue:offer');
  return booking.seats.map(({ seat }) => seat);
}

const heardOffer = (socket: TestSocket): boolean => socket.heard.some(({ event }) => event === 'queue:offer');

describe('seats that come back', () => {
  it('are offered to the lowest ticket that can use them, and the others are told that they moved', async () => {
    const { showId, giveBack } = await service.show([4]);
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
    expect(await placeOf(ann, showId)).toBeNull();
    expect(await placeOf(ben, showId)).toMatchObject({ ticket: 2, ahead: 0 });
  });

  it('are offered on every socket of the session, and held for the hold time', async () => {
    const { showId, giveBack } = await service.show([2]);
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

  it('are found over REST by a session that has no socket', async () => {
    const { showId, giveBack } = await service.show([2]);
    const caller = await service.caller();
    await caller.call('POST', `/v1/shows/${showId}/queue`, { partySize: 2 });
    await giveBack(0);
    expect((await caller.call('GET', `/v1/shows/${showId}/queue`)).body).toBeNull();
    const bookings = (await caller.call('GET', `/v1/bookings?showId=${showId}`)).body;
    expect(bookings).toMatchObject({ items: [{ showId, status: 'reserved', seats: [{ seat: 0 }, { seat: 1 }] }] });
  });

  it('go to the next in line when the offer is declined, and the one who declined stands in line no longer', async () => {
    const { showId, giveBack } = await service.show([2]);
    const [ann, ben] = [await service.connect(), await service.connect()];
    for (const socket of [ann, ben]) await join(socket, showId, { partySize: 2 });
    await giveBack(0);
    const { booking } = await ann.next('queue:offer');
    await ann.ask('reservation:release', { bookingId: booking.bookingId });
    expect(await offered(ben)).toEqual([0, 1]);
    expect(await placeOf(ann, showId)).toBeNull();
    // Who declines is not told that an offer lapsed.
    expect(ann.heard.filter(({ event }) => event === 'queue:expired')).toEqual([]);
  });

  it('pass a party that they are too few for, which keeps its place and is served first when there are enough', async () => {
    const { showId, giveBack } = await service.show([2, 2, 2, 2]);
    const [big, small, late] = [await service.connect(), await service.connect(), await service.connect()];
    await join(big, showId, { partySize: 4 });
    await join(small, showId, { partySize: 2 });
    await giveBack(0);
    expect(await offered(small)).toEqual([0, 1]);
    expect(heardOffer(big)).toBe(false);
    expect(await placeOf(big, showId)).toMatchObject({ ticket: 1, place: 1, ahead: 0, waiting: 1 });
    await join(late, showId, { partySize: 3 });
    await giveBack(1);
    await giveBack(2);
    expect(await offered(big)).toEqual([2, 3, 4, 5]);
    expect(heardOffer(late)).toBe(false);
    expect(await placeOf(late, showId)).toMatchObject({ ticket: 3, place: 3, ahead: 0 });
  });

  it('are offered to several parties at once, as far as they reach', async () => {
    const { showId, giveBack } = await service.show([6]);
    const sockets = await service.connectAll(4);
    for (const socket of sockets) await join(socket, showId, { partySize: 2 });
    await giveBack(0);
    const seats = await Promise.all(sockets.slice(0, 3).map(offered));
    expect(new Set(seats.flat())).toEqual(new Set([0, 1, 2, 3, 4, 5]));
    expect(await placeOf(sockets[3]!, showId)).toMatchObject({ place: 4, ahead: 0, waiting: 1 });
  });

  it('pass a session that holds too many seats to be given more, until it gives some back', async () => {
    const rules = { maxSeatsPerSession: 5 };
    const { showId, giveBack } = await service.show([5], { seatsPerRow: 8, rules });
    const [ann, ben] = [await service.connect(), await service.connect()];
    await join(ann, showId, { partySize: 4 });
    // The three free seats are too few for the party, so anybody may have them.
    const { booking } = await ann.ask('reservation:create', { showId, seats: [5, 6] });
    await join(ben, showId, { partySize: 4 });
    await giveBack(0);
    expect(await offered(ben)).toHaveLength(4);
    expect(await placeOf(ann, showId)).toMatchObject({ ticket: 1, ahead: 0 });
    await ann.ask('reservation:release', { bookingId: booking.bookingId });
    expect(await offered(ann)).toHaveLength(4);
  });
});

describe('a strict line', () => {
  it('serves nobody before its head, and refuses outsiders what is free meanwhile', async () => {
    const { showId, giveBack } = await service.show([2, 2], { rules: { strictLine: true } });
    const [head, next, outsider] = await service.connectAll(3);
    await join(head!, showId, { partySize: 4 });
    await join(next!, showId, { partySize: 2 });
    await giveBack(0);
    const full = { code: 'SHOW_FULL', status: 409, free: 2, canQueue: true };
    expect(await outsider!.refused('reservation:create', { showId, seats: [0, 1] })).toMatchObject(full);
    expect(await outsider!.refused('reservation:create', { showId, best: { count: 1 } })).toMatchObject(full);
    expect(heardOffer(next!)).toBe(false);
    expect(await placeOf(next!, showId)).toMatchObject({ place: 2, ahead: 1 });
    await giveBack(1);
    expect(await offered(head!)).toEqual([0, 1, 2, 3]);
  });

  it('goes on when its head leaves', async () => {
    const { showId, giveBack } = await service.show([2, 2], { rules: { strictLine: true } });
    const [head, next] = await service.connectAll(2);
    await join(head!, showId, { partySize: 4 });
    await join(next!, showId, { partySize: 2 });
    await giveBack(0);
    await head!.ask('queue:leave', { showId });
    expect(await offered(next!)).toEqual([0, 1]);
  });
});

describe('a wish for some seats', () => {
  /** Eight seats in a row: two `standard`, two `premium`, two `box`, a wheelchair place and its companion. */
  const seats: LayoutSeat[] = plainSeats(1, 8).map((seat, index) => ({
    ...seat,
    tier: ['standard', 'premium', 'box', 'standard'][Math.floor(index / 2)]!,
    kind: index === 6 ? 'wheelchair' : index === 7 ? 'companion' : 'standard',
  }));

  it('is served by seats of its tiers only, and those before it by others', async () => {
    const { showId, giveBack } = await service.show([2, 2, 2, 2], { seats });
    const [picky, easy] = await service.connectAll(2);
    await join(picky!, showId, { partySize: 2, tiers: ['box', 'premium', 'box'] });
    await join(easy!, showId, { partySize: 2 });
    await giveBack(0);
    expect(await offered(easy!)).toEqual([0, 1]);
    expect(heardOffer(picky!)).toBe(false);
    await giveBack(2);
    const { booking } = await picky!.next('queue:offer');
    expect(Booking.parse(booking)).toEqual(booking);
    expect(booking.seats.map(({ tier }) => tier)).toEqual(['box', 'box']);
  });

  it('for a wheelchair place is served by one, over anybody behind who could use it too', async () => {
    const { showId, giveBack } = await service.show([6, 1, 1], { seats });
    const [wheelchair, anybody, late] = await service.connectAll(3);
    await join(wheelchair!, showId, { partySize: 1, kind: 'wheelchair' });
    await join(anybody!, showId, { partySize: 1 });
    await giveBack(2);
    expect(await offered(anybody!)).toEqual([7]);
    await join(late!, showId, { partySize: 1 });
    await giveBack(1);
    expect(await offered(wheelchair!)).toEqual([6]);
    expect(await placeOf(late!, showId)).toMatchObject({ ticket: 3, ahead: 0 });
  });
});

describe('joining while fitting seats are free', () => {
  it('is answered with a place, and the offer follows at once', async () => {
    const { showId } = await service.show([2], { seatsPerRow: 4 });
    const socket = await service.connect();
    const place = await join(socket, showId, { partySize: 2 });
    expect(place).toMatchObject({ line: 'seats', ticket: 1, ahead: 0, chance: 'likely' });
    expect(await offered(socket)).toEqual([2, 3]);
    expect(await placeOf(socket, showId)).toBeNull();
  });

  it('does not serve a party that the free seats are too few for', async () => {
    const { showId } = await service.show([2], { seatsPerRow: 4 });
    const socket = await service.connect();
    await join(socket, showId, { partySize: 3 });
    expect(await placeOf(socket, showId)).toMatchObject({ ticket: 1, waiting: 1 });
    expect(heardOffer(socket)).toBe(false);
  });
});

describe('somebody who does not stand in line', () => {
  it('is told by SHOW_FULL that there is one', async () => {
    const { showId } = await service.show([4], { seatsPerRow: 5 });
    const socket = await service.connect();
    const error = await socket.refused('reservation:create', { showId, best: { count: 2 } });
    expect(error).toMatchObject({ code: 'SHOW_FULL', free: 1, canQueue: true });
  });

  it('may have seats that nobody in line can use', async () => {
    const { showId } = await service.show([4], { seatsPerRow: 6 });
    const [waiting, outsider] = await service.connectAll(2);
    await join(waiting!, showId, { partySize: 3 });
    const { booking } = await outsider!.ask('reservation:create', { showId, seats: [4, 5] });
    expect(booking.status).toBe('reserved');
    expect(await placeOf(waiting!, showId)).toMatchObject({ ahead: 0 });
  });

  it('never gets a seat that somebody in line could use, however fast it asks', async () => {
    const { showId, seats, giveBack } = await service.show(Array<number>(10).fill(1));
    const waiting = await service.connectAll(10);
    const outsiders = await service.connectAll(3);
    for (const socket of waiting) await join(socket, showId);
    // Each seat is asked for around the moment it is given back, by many.
    const tries = seats.flatMap(([seat], party) => {
      const ask = () => outsiders.map((one) => one.send('reservation:create', { showId, seats: [seat] }));
      return [...ask(), giveBack(party).then(() => ({ ok: false as const, error: null })), ...ask()];
    });
    const answers = await Promise.all(tries);
    expect(answers.filter(({ ok }) => ok)).toEqual([]);
    const given = await Promise.all(waiting.map(offered));
    expect(new Set(given.flat())).toEqual(new Set(seats.flat()));
  });
});
