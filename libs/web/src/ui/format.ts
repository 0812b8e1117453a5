import { formatMoney as formatInLocale, type Money, appendOffsetIfRepeated } from '@usher/contract';

// The page's words are English, so its dates and amounts are too: a screen reader speaks one language.
const locale = 'en-GB';

/** "€12.50". ISO 4217 says how many of its minor units make one. */
export const formatMoney = (money: Money): string => formatInLocale(money, locale);

/** The sum of some amounts, or null when there are none. All are of one show and so of one currency. */
export function sumPrices(prices: readonly Money[]): Money | null {
  const [first] = prices;
  return first ? { amount: prices.reduce((sum, { amount }) => sum + amount, 0), currency: first.currency } : null;
}

/** "20:15" on the clocks of `timeZone`; "02:30 (UTC+2)" where they show the time twice, as summer time ends. */
export function formatTime(instant: string, timeZone?: string): string {
  const at = new Date(instant);
  const time = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', timeZone }).format(at);
  return appendOffsetIfRepeated(time, at.getTime(), timeZone);
}

/** "Monday 23 November, 20:15" on the clocks of `timeZone`; with its year when that is not the year of `now` there. */
export function formatDayAndTime(instant: string, timeZone: string, now = Date.now()): string {
  const yearOf = (at: Date) => new Intl.DateTimeFormat(locale, { year: 'numeric', timeZone }).format(at);
  const at = new Date(instant);
  const year = yearOf(at) === yearOf(new Date(now)) ? '' : ` ${yearOf(at)}`;
  const day = new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long', timeZone });
  return `${day.format(at)}${year}, ${formatTime(instant, timeZone)}`;
}

/** "Germany" for "DE"; the code itself where the browser does not know it. */
export function getCountryName(code: string): string {
  return new Intl.DisplayNames(locale, { type: 'region', fallback: 'code' }).of(code.toUpperCase()) ?? code;
}

/** A calendar day, as the contract writes it, with the words for it. */
export interface Day {
  /** `2026-11-23`. */
  readonly date: string;
  /** "Today", "Tue". */
  readonly weekday: string;
  /** "23 Nov". */
  readonly short: string;
  /** "Monday 23 November". */
  readonly long: string;
}

/** The `count` calendar days from today on, where today is what the clocks of `timeZone` say at `now` (milliseconds). */
export function listDays(now: number, timeZone: string, count: number): Day[] {
  const today = formatCalendarDay(now, timeZone);
  return Array.from({ length: count }, (_, index) => {
    // Days are counted in UTC, where all have 24 hours; the city's clock only decides which one is the first.
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

/** The calendar day of an instant (milliseconds) on the clocks of `timeZone`, e.g. `2026-11-23`. */
export function formatCalendarDay(at: number, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  return parts.format(new Date(at));
}

/** "4:09" for 249 seconds, "1:00:05" for 3605. */
export function formatCountdown(seconds: number): string {
  const [hours, minutes, rest] = splitDuration(seconds);
  const end = String(rest).padStart(2, '0');
  return hours === 0 ? `${minutes}:${end}` : `${hours}:${String(minutes).padStart(2, '0')}:${end}`;
}

function splitDuration(seconds: number): [number, number, number] {
  const whole = Math.max(0, Math.ceil(seconds));
  return [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
}

/** "4 minutes 9 seconds", for ears. */
export function formatSpokenDuration(seconds: number): string {
  const [hours, minutes, rest] = splitDuration(seconds);
  const parts = [
    hours > 0 ? formatCount(hours, 'hour') : '',
    minutes > 0 ? formatCount(minutes, 'minute') : '',
    rest > 0 || hours + minutes === 0 ? formatCount(rest, 'second') : '',
  ];
  return parts.filter((part) => part !== '').join(' ');
}

/** "1 seat", "2 seats". */
export const formatCount = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** The text with its first letter large. */
export const capitalize = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
