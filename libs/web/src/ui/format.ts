import { appendOffsetIfRepeated, formatMoney as formatInLocale, type Money } from '@usher/contract';

// The page is in English, so dates and amounts are in English too. Otherwise, a screen reader would mix languages.
const locale = 'en-GB';

/** Returns for example "€12.50". ISO 4217 defines the number of decimal places. */
export const formatMoney = (money: Money): string => formatInLocale(money, locale);

/** Returns the sum of the amounts, or null if there are none. All amounts belong to one show and have its currency. */
export function sumPrices(prices: readonly Money[]): Money | null {
  const [first] = prices;
  return first ? { amount: prices.reduce((sum, { amount }) => sum + amount, 0), currency: first.currency } : null;
}

/**
 * Returns for example "20:15" in `timeZone`. When summer time ends, one hour repeats. In that hour the text contains the
 * offset, for example "02:30 (UTC+2)".
 */
export function formatTime(instant: string, timeZone?: string): string {
  const at = new Date(instant);
  const time = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', timeZone }).format(at);
  return appendOffsetIfRepeated(time, at.getTime(), timeZone);
}

/**
 * Returns for example "Monday 23 November, 20:15" in `timeZone`. The text contains the year if it is not the year of `now`
 * in that time zone.
 */
export function formatDayAndTime(instant: string, timeZone: string, now = Date.now()): string {
  const yearOf = (at: Date) => new Intl.DateTimeFormat(locale, { year: 'numeric', timeZone }).format(at);
  const at = new Date(instant);
  const year = yearOf(at) === yearOf(new Date(now)) ? '' : ` ${yearOf(at)}`;
  const day = new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long', timeZone });
  return `${day.format(at)}${year}, ${formatTime(instant, timeZone)}`;
}

/** Returns for example "Germany" for "DE", or the code itself if the browser does not know it. */
export function getCountryName(code: string): string {
  return new Intl.DisplayNames(locale, { type: 'region', fallback: 'code' }).of(code.toUpperCase()) ?? code;
}

/** A calendar day in the format of the contract, with its texts. */
export interface Day {
  /** For example `2026-11-23`. */
  readonly date: string;
  /** For example "Today" or "Tue". */
  readonly weekday: string;
  /** For example "23 Nov". */
  readonly short: string;
  /** For example "Monday 23 November". */
  readonly long: string;
}

/** Returns `count` calendar days. The first day is the day of `now` (milliseconds since 1970) in `timeZone`. */
export function listDays(now: number, timeZone: string, count: number): Day[] {
  const today = formatCalendarDay(now, timeZone);
  return Array.from({ length: count }, (_, index) => {
    // Counts in UTC, where every day has 24 hours. The time zone only decides which day is the first.
    const noon = new Date(Date.parse(`${today}T12:00:00Z`) + index * 86_400_000);
    const words = (options: Intl.DateTimeFormatOptions) =>
      new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' }).format(noon);
    return {
      date: noon.toISOString().slice(0, 10),
      weekday: index === 0 ? 'Today' : words({ weekday: 'short' }),
      short: words({ day: 'numeric', month: 'short' }),
      long: words({ weekday: 'long', day: 'numeric', month: 'long' }),
    };
  });
}

/** Returns the calendar day of an instant (milliseconds since 1970) in `timeZone`, for example `2026-11-23`. */
export function formatCalendarDay(at: number, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  return parts.format(new Date(at));
}

/** Returns for example "4:09" for 249 seconds and "1:00:05" for 3605. */
export function formatCountdown(seconds: number): string {
  const [hours, minutes, rest] = splitDuration(seconds);
  const end = String(rest).padStart(2, '0');
  return hours === 0 ? `${minutes}:${end}` : `${hours}:${String(minutes).padStart(2, '0')}:${end}`;
}

function splitDuration(seconds: number): [number, number, number] {
  const whole = Math.max(0, Math.ceil(seconds));
  return [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
}

/** Returns for example "4 minutes 9 seconds", for screen readers. */
export function formatSpokenDuration(seconds: number): string {
  const [hours, minutes, rest] = splitDuration(seconds);
  const parts = [
    hours > 0 ? formatCount(hours, 'hour') : '',
    minutes > 0 ? formatCount(minutes, 'minute') : '',
    rest > 0 || hours + minutes === 0 ? formatCount(rest, 'second') : '',
  ];
  return parts.filter((part) => part !== '').join(' ');
}

/** Returns for example "1 seat" or "2 seats". */
export const formatCount = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** Returns the text with a capital first letter. */
export const capitalize = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
