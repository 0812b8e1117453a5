import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { testRuns } from '../../../../test/support/plain/test-runs.js';
import { appendOffsetIfRepeated, findInstantsShowing, formatOffsetIfRepeated, readWallClock } from './local-time.js';

const offset = (instant: string, timeZone: string) => formatOffsetIfRepeated(Date.parse(instant), timeZone);

describe('readWallClock', () => {
  /** Computes the same local time without a cache, with a new format for each call. */
  function formatAfresh(instant: number, timeZone: string): string {
    const local = new Date(instant).toLocaleString('sv-SE', { timeZone });
    return `${local.replace(' ', 'T')}.000Z`;
  }

  it('agrees with Intl at any second from 1970 to 2069, even around a change of the clocks', () => {
    const changes = ['2026-03-29T01:00Z', '2026-10-25T01:00Z', '2026-11-01T06:00Z', '2011-12-30T10:00Z'].map(
      Date.parse,
    );
    const aroundAChange = fc
      .tuple(fc.constantFrom(...changes), fc.integer({ min: -200_000, max: 200_000 }))
      .map(([change, seconds]) => change + seconds * 1000);
    const anySecond = fc.nat(100 * 365 * 86_400).map((seconds) => seconds * 1000);
    const zones = fc.constantFrom(...Intl.supportedValuesOf('timeZone'));
    fc.assert(
      fc.property(fc.oneof(aroundAChange, anySecond), zones, (instant, zone) => {
        expect(new Date(readWallClock(instant, zone)).toJSON()).toBe(formatAfresh(instant, zone));
      }),
      { numRuns: testRuns({ short: 300, long: 20_000 }) },
    );
  });
});

describe('formatOffsetIfRepeated', () => {
  it.each([
    ['Europe/Berlin', '2026-10-25T00:30:00Z', 'UTC+2', '2026-10-25T01:30:00Z', 'UTC+1'],
    ['America/New_York', '2026-11-01T05:30:00Z', 'UTC−4', '2026-11-01T06:30:00Z', 'UTC−5'],
    ['Australia/Lord_Howe', '2026-04-04T14:45:00Z', 'UTC+11', '2026-04-04T15:15:00Z', 'UTC+10:30'],
    ['Europe/Dublin', '2026-10-25T00:30:00Z', 'UTC+1', '2026-10-25T01:30:00Z', 'UTC+0'],
    ['America/St_Johns', '2026-11-01T03:45:00Z', 'UTC−2:30', '2026-11-01T04:45:00Z', 'UTC−3:30'],
    // In this zone, the hour before midnight repeats.
    ['America/Santiago', '2026-04-05T02:30:00Z', 'UTC−3', '2026-04-05T03:30:00Z', 'UTC−4'],
  ])('returns different offsets for equal local times in %s', (zone, first, firstOffset, second, secondOffset) => {
    expect([offset(first, zone), offset(second, zone)]).toEqual([firstOffset, secondOffset]);
  });

  it.each([
    ['Europe/Berlin', '2026-10-24T23:59:00Z', '2026-10-25T02:00:00Z'],
    ['Australia/Lord_Howe', '2026-04-04T14:29:00Z', '2026-04-04T15:30:00Z'],
    ['Europe/Dublin', '2026-10-24T23:59:00Z', '2026-10-25T02:00:00Z'],
  ])('returns null right before and right after the hour that repeats in %s', (zone, before, after) => {
    expect([offset(before, zone), offset(after, zone)]).toEqual([null, null]);
  });

  it('returns null around the hour that is skipped in spring, and in zones whose clocks never change', () => {
    for (const instant of ['2026-03-29T00:59:59Z', '2026-03-29T01:00:00Z', '2026-03-29T01:30:00Z']) {
      expect(offset(instant, 'Europe/Berlin')).toBeNull();
    }
    expect(offset('2026-10-25T01:30:00Z', 'Asia/Kolkata')).toBeNull();
  });
});

it('finds two instants for a repeated local time, none for a skipped local time, and one for any other local time', () => {
  const showing = (wall: string) =>
    findInstantsShowing(Date.parse(wall), 'Europe/Berlin').map((at) => new Date(at).toJSON());
  expect(showing('2026-10-25T02:30:00Z')).toEqual(['2026-10-25T00:30:00.000Z', '2026-10-25T01:30:00.000Z']);
  expect(showing('2026-10-25T03:30:00Z')).toEqual(['2026-10-25T02:30:00.000Z']);
  expect(showing('2026-03-29T02:30:00Z')).toEqual([]);
});

it('appends the offset to a time only if the clocks show this time twice', () => {
  expect(appendOffsetIfRepeated('02:30', Date.parse('2026-10-25T00:30:00Z'), 'Europe/Berlin')).toBe('02:30 (UTC+2)');
  expect(appendOffsetIfRepeated('02:30', Date.parse('2026-10-26T01:30:00Z'), 'Europe/Berlin')).toBe('02:30');
});
