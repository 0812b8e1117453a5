import { describe, expect, it } from '@jest/globals';
import type { Queue, QueueMoved } from '@usher/contract';
import { QueuePlace } from './line-place.js';

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

function placeOf(fields: Partial<Queue> = {}): QueuePlace {
  const place = new QueuePlace();
  place.take(inLine(fields));
  return place;
}

describe('a place in line', () => {
  it('counts those who were served and those who left ahead of it', () => {
    const place = placeOf();
    place.moved(moved({ version: 7, head: 2, left: [3], waiting: 3 }));
    expect(place.queue).toMatchObject({ ahead: 2, waiting: 3, version: 7 });
    expect(place.isInDoubt).toBe(false);
  });

  it('does not count joiners, nor those behind it who leave', () => {
    const place = placeOf();
    place.moved(moved({ version: 9, left: [7], waiting: 7, lastPlace: 8 }));
    expect(place.queue).toMatchObject({ ahead: 4, waiting: 7, lastPlace: 8 });
    expect(place.isInDoubt).toBe(false);
  });

  it('drops what it knows and waits for what is missing', () => {
    const place = placeOf();
    const { queue } = place;
    place.moved(moved({ from: 3, version: 5, head: 3, waiting: 3 }));
    expect(place.queue).toBe(queue);
    place.moved(moved({ from: 6, version: 7, head: 3, waiting: 3 }));
    expect(place.queue).toBe(queue);
    expect(place.isInDoubt).toBe(true);
    place.moved(moved({ from: 5, version: 6, head: 2, waiting: 4 }));
    expect(place.queue).toMatchObject({ ahead: 2, version: 7 });
    expect(place.isInDoubt).toBe(false);
  });

  it('takes the server’s word where a broadcast is lost', () => {
    const place = placeOf();
    place.moved(moved({ from: 8, version: 9, head: 3, waiting: 3 }));
    place.take(inLine({ ahead: 2, version: 8, waiting: 3 }));
    expect(place.queue).toMatchObject({ ahead: 2, version: 9 });
    expect(place.isInDoubt).toBe(false);
  });

  it('counts nobody twice when another node tells of the same leavers again', () => {
    const place = placeOf({ waiting: 9, lastPlace: 9 });
    place.moved(moved({ version: 6, left: [8], waiting: 8, lastPlace: 9 }));
    place.moved(moved({ from: 4, version: 7, head: 2, left: [8], waiting: 7, lastPlace: 9 }));
    expect(place.queue).toMatchObject({ ahead: 3, version: 7 });
  });

  it('asks where a leaver behind it may or may not be in the server’s last word', () => {
    const place = placeOf({ waiting: 9, lastPlace: 9 });
    place.moved(moved({ from: 3, version: 7, head: 2, left: [8], waiting: 8, lastPlace: 9 }));
    expect(place.isInDoubt).toBe(true);
    place.take(inLine({ version: 7, ahead: 3, waiting: 8, lastPlace: 9 }));
    expect(place.isInDoubt).toBe(false);
    expect(place.queue).toMatchObject({ ahead: 3 });
  });

  it.each([
    ['is passed by the head', { head: 6, waiting: 0 }],
    ['is among those who left', { left: [5], waiting: 4 }],
  ])('is in doubt when it %s', (_, fields) => {
    const place = placeOf();
    place.moved(moved(fields));
    expect(place.isInDoubt).toBe(true);
    place.take(null);
    expect(place.queue).toBeNull();
    expect(place.isInDoubt).toBe(false);
  });

  it('keeps a broadcast that overtakes the answer which puts it in line', () => {
    const place = new QueuePlace();
    place.moved(moved({ head: 2, waiting: 4 }));
    expect(place.isInDoubt).toBe(false);
    place.take(inLine());
    expect(place.queue).toMatchObject({ ahead: 3, version: 6 });
  });

  it('does not go back to a word of the server that is older, unless the connection is new', () => {
    const place = placeOf({ version: 8 });
    place.take(inLine({ version: 6, ahead: 1 }));
    expect(place.queue).toMatchObject({ version: 8, ahead: 4 });
    place.take(inLine({ version: 6, ahead: 1 }), true);
    expect(place.queue).toMatchObject({ version: 6, ahead: 1 });
  });

  it('has nobody ahead and no place in an open lobby, and both once it is drawn', () => {
    const place = placeOf({ line: 'entry', place: null, ahead: null, lastPlace: 0 });
    place.moved(moved({ line: 'entry', waiting: 6, lastPlace: 0 }));
    expect(place.queue).toMatchObject({ ahead: null, waiting: 6, etaSeconds: null });
    // The broadcast of the drawing may come before the place.
    place.moved(moved({ line: 'entry', from: 6, version: 7, waiting: 6, lastPlace: 6 }));
    place.take(inLine({ line: 'entry', place: 2, ahead: 1, version: 7, waiting: 6, lastPlace: 6 }));
    place.moved(moved({ line: 'entry', from: 7, version: 8, head: 2, waiting: 5, lastPlace: 6 }));
    expect(place.queue).toMatchObject({ place: 2, ahead: 0 });
  });

  it('pays no heed to the show’s other line', () => {
    const place = placeOf();
    place.moved(moved({ line: 'entry', version: 90, head: 50, waiting: 40 }));
    expect(place.queue).toMatchObject({ ahead: 4, version: 5 });
    expect(place.isInDoubt).toBe(false);
  });

  it('has the time and the chance that the line’s pace and reach give it', () => {
    const place = placeOf();
    const reach = { likely: 2, unlikely: 4 };
    place.moved(moved({ head: 2, waiting: 4, etaSecondsPerPlace: { from: 10.2, to: 20.4 }, reach }));
    expect(place.queue).toMatchObject({ ahead: 3, etaSeconds: { from: 30, to: 102 }, chance: 'unlikely' });
    place.moved(moved({ from: 6, version: 7, head: 4, waiting: 2, reach }));
    expect(place.queue).toMatchObject({ ahead: 1, etaSeconds: null, chance: 'likely' });
    place.moved(moved({ from: 7, version: 8, head: 4, waiting: 2, reach: { likely: 0, unlikely: 0 } }));
    expect(place.queue?.chance).toBe('none');
  });
});
