import { describe, expect, it } from '@jest/globals';
import { join, setUpLineService, getPlace } from '../../support/line-service.js';

const service = setUpLineService({ HOLD_SECONDS: '1' });

describe('a hold that expires', () => {
  it('passes its seats to the line in the same commit, so that no client ever sees these seats free', async () => {
    const { showId } = await service.makeFullShow([2]);
    const [ann, viewer] = await service.connectAll(2);
    await viewer!.ask('show:join', { showId });
    await join(ann!, showId, { partySize: 2 });
    const { booking } = await ann!.next('queue:offer');
    expect(booking.seats.map(({ seat }) => seat)).toEqual([0, 1]);
    const changed = await viewer!.next('seats:changed', ({ version }) => version === booking.version);
    expect(changed).toEqual({ showId, from: booking.version - 1, version: booking.version, held: [0, 1] });
    expect(viewer!.received.filter(({ event }) => event === 'seats:changed')).toEqual([]);
  });
});

describe('an offer that lapses', () => {
  it('passes its seats to the next waiter, and the buyer who let it lapse is no longer in the line', async () => {
    const { showId } = await service.makeFullShow([2]);
    const [ann, ben] = await service.connectAll(2);
    await join(ann!, showId, { partySize: 2 });
    await join(ben!, showId, { partySize: 2 });
    const first = await ann!.next('queue:offer');
    expect(await ann!.next('queue:expired')).toEqual({ showId, line: 'seats', reason: 'offerLapsed' });
    const second = await ben!.next('queue:offer');
    expect(second.booking.seats).toEqual(first.booking.seats);
    expect(await getPlace(ann!, showId)).toBeNull();
    expect(await ann!.ask('queue:status', { showId })).toMatchObject({
      queue: null,
      outcome: { type: 'expired', reason: 'offerLapsed', line: 'seats', ticket: 1 },
    });
    const lateMs = Date.parse(second.booking.createdAt) - Date.parse(first.booking.expiresAt ?? '');
    expect(lateMs).toBeGreaterThanOrEqual(0);
    expect(lateMs).toBeLessThan(1000);
  });

  it('can be followed by another wait at the end of the line', async () => {
    const { showId } = await service.makeFullShow([2]);
    const [ann, ben] = await service.connectAll(2);
    await join(ann!, showId, { partySize: 2 });
    await ann!.next('queue:offer');
    await join(ben!, showId, { partySize: 2 });
    await ann!.next('queue:expired');
    expect(await join(ann!, showId, { partySize: 2 })).toMatchObject({ ticket: 3, place: 3 });
    await ben!.next('queue:offer');
    expect((await ann!.next('queue:offer')).booking.seats).toHaveLength(2);
  });
});
