import { describe, expect, it } from '@jest/globals';
import { addDays, instantOf, localDay, localDayBounds } from './local-time.js';

const utc = (day: string, time: string, timeZone: string) => instantOf(day, time, timeZone).toISOString();

const hours = (day: string, timeZone: string) => {
  const { from, until } = localDayBounds(day, timeZone);
  return (until.getTime() - from.getTime()) / 3_600_000;
};

describe('instantOf', () => {
  it('applies the summer time of both hemispheres', () => {
    expect(utc('2026-10-24', '20:00', 'Europe/Berlin')).toBe('2026-10-24T18:00:00.000Z');
    expect(utc('2026-10-25', '20:00', 'Europe/Berlin')).toBe('2026-10-25T19:00:00.000Z');
    expect(utc('2026-10-03', '20:00', 'Australia/Sydney')).toBe('2026-10-03T10:00:00.000Z');
    expect(utc('2026-10-04', '20:00', 'Australia/Sydney')).toBe('2026-10-04T09:00:00.000Z');
    expect(utc('2026-11-23', '20:00', 'Asia/Kolkata')).toBe('2026-11-23T14:30:00.000Z');
  });

  it('uses the first instant of a local time that occurs twice, and moves a skipped local time forward', () => {
    expect(utc('2026-10-25', '02:30', 'Europe/Berlin')).toBe('2026-10-25T00:30:00.000Z');
    expect(utc('2026-03-29', '02:30', 'Europe/Berlin')).toBe('2026-03-29T01:30:00.000Z');
    expect(utc('2026-11-01', '01:30', 'America/New_York')).toBe('2026-11-01T05:30:00.000Z');
    expect(utc('2026-03-08', '02:30', 'America/New_York')).toBe('2026-03-08T07:30:00.000Z');
  });

  it('handles the zones with the largest offsets', () => {
    expect(utc('2026-11-23', '00:00', 'Pacific/Kiritimati')).toBe('2026-11-22T10:00:00.000Z');
    expect(utc('2026-11-23', '00:00', 'Pacific/Pago_Pago')).toBe('2026-11-23T11:00:00.000Z');
  });
});

describe('localDay', () => {
  it('returns the local day of the city, not the day in UTC', () => {
    const instant = new Date('2026-11-23T15:30:00.000Z');
    expect(localDay(instant, 'Asia/Tokyo')).toBe('2026-11-24');
    expect(localDay(instant, 'Europe/Berlin')).toBe('2026-11-23');
    expect(localDay(new Date('2026-11-23T04:59:00.000Z'), 'America/New_York')).toBe('2026-11-22');
  });

  it('returns the day that was given to instantOf, on every day of a year', () => {
    for (const timeZone of ['Europe/Berlin', 'America/New_York', 'Australia/Sydney', 'Asia/Kolkata']) {
      for (let day = '2026-01-01'; day < '2027-01-01'; day = addDays(day, 1)) {
        for (const time of ['00:00', '12:00', '23:59']) {
          expect(localDay(instantOf(day, time, timeZone), timeZone)).toBe(day);
        }
      }
    }
  });
});

describe('localDayBounds', () => {
  it('spans 23 or 25 hours when the clocks change', () => {
    expect(hours('2026-10-25', 'Europe/Berlin')).toBe(25);
    expect(hours('2026-03-29', 'Europe/Berlin')).toBe(23);
    expect(hours('2026-11-23', 'Europe/Berlin')).toBe(24);
  });
});

describe('addDays', () => {
  it('crosses months, years and leap days', () => {
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
    expect(addDays('2028-02-28', 1)).toBe('2028-02-29');
    expect(addDays('2026-03-01', -1)).toBe('2026-02-28');
  });
});
