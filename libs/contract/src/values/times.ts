import { z } from 'zod';

const isBetween = (from: string, to: string) => {
  const [first, end] = [Date.parse(from), Date.parse(to)];
  return (time: string): boolean => Date.parse(time) >= first && Date.parse(time) < end;
};

/**
 * True if a time is in the supported range. The first film is from the 1880s. PostgreSQL and every calendar program can
 * represent all times before the year 2200.
 */
const isSupportedTime = isBetween('1880-01-01T00:00:00Z', '2200-01-01T00:00:00Z');
const supportedTimeError = 'must be in the years 1880 to 2199';

const isShowTime = isBetween('2000-01-01T00:00:00Z', '2200-01-01T00:00:00Z');

/** An instant in UTC as ISO-8601 text with milliseconds, e.g. `2026-11-23T18:30:00.000Z`, in the years 1880 to 2199. */
export const Instant = z.iso
  .datetime({ precision: 3, abort: true })
  .refine(isSupportedTime, supportedTimeError)
  .meta({ example: '2026-11-23T18:30:00.000Z' });

/**
 * Accepts offsets of up to 18 hours, because ISO-8601 and other programs allow them. No place on earth is more than 14
 * hours away from UTC.
 */
const hasPossibleOffset = (time: string): boolean => {
  const [, hours, minutes] = /[+-](\d\d):?(\d\d)$/.exec(time) ?? [];
  return hours === undefined || Number(hours) * 60 + Number(minutes) <= 18 * 60;
};

const instantInputSchema = (isInRange: (time: string) => boolean, error: string) =>
  z.iso
    .datetime({
      offset: true,
      abort: true,
      error: 'must be an ISO-8601 time with its offset, such as 2026-12-24T20:15:00+01:00',
    })
    .refine(hasPossibleOffset, { error: 'must have an offset of at most 18 hours', abort: true })
    .refine(isInRange, error)
    .transform((time) => new Date(time).toISOString());

/**
 * An instant in a request. The caller may write it with any offset from UTC. Parsing turns it into an {@link Instant}.
 */
export const InstantInput = instantInputSchema(isSupportedTime, supportedTimeError);

/**
 * An {@link InstantInput} for the start of a show or of its sale, or for the end of the sale. It must be in the years
 * 2000 to 2199.
 */
export const ShowInstantInput = instantInputSchema(isShowTime, 'must be in the years 2000 to 2199');

/** A calendar day without a time zone, e.g. `2026-11-23`, in the years 1880 to 2199. */
export const CalendarDay = z.iso
  .date({ abort: true })
  .refine((day) => isSupportedTime(`${day}T00:00:00Z`), supportedTimeError)
  .meta({ example: '2026-11-23' });
