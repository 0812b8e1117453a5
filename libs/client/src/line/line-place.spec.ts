import { describe, expect, it } from '@jest/globals';
import type { Queue, QueueMoved } from '@usher/contract';
import { LinePlace } from './line-place.js';

const inLine = (fields: Partial<Queue> = {}): Queue => ({
  showId: 1,
  line: 'seats',
  ticket: 5,
  place: 5,
  ahead: 4,
  partySize: 2,
  etaSeconds: null,
  chance: 'likely',
  joinedAt: '2026-11-23T18:30:00.000Z',
  expiresAt: '2026-11-23T19:30:00.000Z',
  version: 5,
  receipt: 'r',
  waiting: 5,
  lastPlace: 5,
  ...fields,
});

const moved = (fields: Partial<QueueMoved> = {}): QueueMoved => ({
  showId: 1,
  line: 'seats',
  from: 5,
  version: 6,
  head: 1,
  left: [],
  waiting: 5,
  lastPlace: 5,
  etaSecondsPerPlace: null,
  reach: { likely: 100, unlikely: 200 },
  ...fields,
});

function placeOf(fields: Partial<Queue> = {}): LinePlace {
  const place = new LinePlace();
  place.applyAnswer(inLine(fields));
  return place;
}

describe('a place in line', () => {
  it('subtracts sessions ahead that were served or left', () => {
    const place = placeOf();
    place.applyBroadcast(moved({ version: 7, head: 2, left: [3], waiting: 3 }));
    expect(place.queue).toMatchObject({ ahead: 2, waiting: 3, version: 7 });
    expect(place.isInDoubt).toBe(false);
  });

  it('has the same number of sessions ahead after sessions behind it have joined or left', () => {
    const place = placeOf();
    place.applyBroadcast(moved({ version: 9, left: [7], waiting: 7, lastPlace: 8 }));
    expect(place.queue).toMatchObject({ ahead: 4, waiting: 7, lastPlace: 8 });
    expect(place.isInDoubt).toBe(false);
  });

  it('drops a broadcast that it already knows, and waits for a missing one', () => {
    const place = placeOf();
    const { queue } = place;
    place.applyBroadcast(moved({ from: 3, version: 5, head: 3, waiting: 3 }));
    expect(place.queue).toBe(queue);
    place.applyBroadcast(moved({ from: 6, version: 7, head: 3, waiting: 3 }));
    expect(place.queue).toBe(queue);
    expect(place.isInDoubt).toBe(true);
    place.applyBroadcast(moved({ from: 5, version: 6, head: 2, waiting: 4 }));
    expect(place.queue).toMatchObject({ ahead: 2, version: 7 });
    expect(place.isInDoubt).toBe(false);
  });

  it('follows the server’s answer if a broadcast is lost', () => {
    const place = placeOf();
    place.applyBroadcast(moved({ from: 8, version: 9, head: 3, waiting: 3 }));
    place.applyAnswer(inLine({ ahead: 2, version: 8, waiting: 3 }));
    expect(place.queue).toMatchObject({ ahead: 2, version: 9 });
    expect(place.isInDoubt).toBe(false);
  });

  it('counts a departure only once, even if another node lists it again', () => {
    const place = placeOf({ waiting: 9, lastPlace: 9 });
    place.applyBroadcast(moved({ version: 6, left: [8], waiting: 8, lastPlace: 9 }));
    place.applyBroadcast(moved({ from: 4, version: 7, head: 2, left: [8], waiting: 7, lastPlace: 9 }));
    expect(place.queue).toMatchObject({ ahead: 3, version: 7 });
  });

  it('is in doubt if it is unclear whether the server’s last answer already counted a departure behind it', () => {
    const place = placeOf({ waiting: 9, lastPlace: 9 });
    place.applyBroadcast(moved({ from: 3, version: 7, head: 2, left: [8], waiting: 8, lastPlace: 9 }));
    expect(place.isInDoubt).toBe(true);
    place.applyAnswer(inLine({ version: 7, ahead: 3, waiting: 8, lastPlace: 9 }));
    expect(place.isInDoubt).toBe(false);
    expect(place.queue).toMatchObject({ ahead: 3 });
  });

  it.each([
    ['is below the head', { head: 6, waiting: 0 }],
    ['is listed as left', { left: [5], waiting: 4 }],
  ])('is in doubt if it %s', (_, fields) => {
    const place = placeOf();
    place.applyBroadcast(moved(fields));
    expect(place.isInDoubt).toBe(true);
    place.applyAnswer(null);
    expect(place.queue).toBeNull();
    expect(place.isInDoubt).toBe(false);
  });

  it('keeps a broadcast that arrives before the answer to the join', () => {
    const place = new LinePlace();
    place.applyBroadcast(moved({ head: 2, waiting: 4 }));
    expect(place.isInDoubt).toBe(false);
    place.applyAnswer(inLine());
    expect(place.queue).toMatchObject({ ahead: 3, version: 6 });
  });

  it('ignores an older answer from the server, unless the connection is new', () => {
    const place = placeOf({ version: 8 });
    place.applyAnswer(inLine({ version: 6, ahead: 1 }));
    expect(place.queue).toMatchObject({ version: 8, ahead: 4 });
    place.applyAnswer(inLine({ version: 6, ahead: 1 }), true);
    expect(place.queue).toMatchObject({ version: 6, ahead: 1 });
  });

  it('has no number and no count of sessions ahead in an open lobby, but has both after the shuffle', () => {
    const place = placeOf({ line: 'entry', place: null, ahead: null, lastPlace: 0 });
    place.applyBroadcast(moved({ line: 'entry', waiting: 6, lastPlace: 0 }));
    expect(place.queue).toMatchObject({ ahead: null, waiting: 6, etaSeconds: null });
    // The broadcast about the shuffle may arrive before the message with the place.
    place.applyBroadcast(moved({ line: 'entry', from: 6, version: 7, waiting: 6, lastPlace: 6 }));
    place.applyAnswer(inLine({ line: 'entry', place: 2, ahead: 1, version: 7, waiting: 6, lastPlace: 6 }));
    place.applyBroadcast(moved({ line: 'entry', from: 7, version: 8, head: 2, waiting: 5, lastPlace: 6 }));
    expect(place.queue).toMatchObject({ place: 2, ahead: 0 });
  });

  it('ignores broadcasts about the show’s other line', () => {
    const place = placeOf();
    place.applyBroadcast(moved({ line: 'entry', version: 90, head: 50, waiting: 40 }));
    expect(place.queue).toMatchObject({ ahead: 4, version: 5 });
    expect(place.isInDoubt).toBe(false);
  });

  it('computes the estimated wait from the line’s pace, and the chance of being served from the line’s reach', () => {
    const place = placeOf();
    const reach = { likely: 2, unlikely: 4 };
    place.applyBroadcast(moved({ head: 2, waiting: 4, etaSecondsPerPlace: { from: 10.2, to: 20.4 }, reach }));
    expect(place.queue).toMatchObject({ ahead: 3, etaSeconds: { from: 30, to: 102 }, chance: 'unlikely' });
    place.applyBroadcast(moved({ from: 6, version: 7, head: 4, waiting: 2, reach }));
    expect(place.queue).toMatchObject({ ahead: 1, etaSeconds: null, chance: 'likely' });
    place.applyBroadcast(moved({ from: 7, version: 8, head: 4, waiting: 2, reach: { likely: 0, unlikely: 0 } }));
    expect(place.queue?.chance).toBe('none');
  });
});
