import type { LineEnd, ShowView } from '@usher/client';
import type { Chance, LineName, Queue } from '@usher/contract';
import { formatCount } from '../ui/format.js';

/** Returns the expected wait, for example "about 3 to 6 minutes", or null if it is unknown. */
export function describeWait(eta: Queue['etaSeconds']): string | null {
  if (eta === null) return null;
  const from = Math.round(eta.from / 60);
  const to = Math.ceil(eta.to / 60);
  if (to <= 1) return eta.from < 60 ? 'less than a minute' : 'about 1 minute';
  if (from >= 120) return `about ${Math.round(from / 60)} to ${Math.ceil(to / 60)} hours`;
  if (from === to) return `about ${formatCount(to, 'minute')}`;
  return from < 1 ? `up to ${formatCount(to, 'minute')}` : `about ${from} to ${formatCount(to, 'minute')}`;
}

/** Returns for example "3 people are ahead of you". */
export function describeAhead(ahead: number): string {
  if (ahead === 0) return 'You are next';
  return ahead === 1 ? '1 person is ahead of you' : `${ahead} people are ahead of you`;
}

/** Input of {@link summarizeLine}. */
export interface LineSummaryInput extends Pick<ShowView, 'offer' | 'access'> {
  readonly queue: Pick<Queue, 'ahead'> | null;
}

/** Returns a short status for the window's title, or undefined if the buyer neither waits nor has an offer. */
export function summarizeLine({ queue, offer, access }: LineSummaryInput): string | undefined {
  if (offer !== null) return 'Seats found';
  if (queue === null) return access === 'waiting' ? 'Your turn' : undefined;
  if (queue.ahead === null) return 'Waiting';
  return queue.ahead === 0 ? 'Next' : `${queue.ahead} ahead`;
}

const chances: Record<LineName, Record<Chance, string>> = {
  entry: {
    likely: 'There will most likely be free seats when it is your turn.',
    unlikely: 'Seats may run out before it is your turn.',
    none: 'There will probably be no free seats when it is your turn.',
  },
  seats: {
    likely: 'You will most likely get seats.',
    unlikely: 'You get seats only if others release some.',
    none: 'All seats are sold. You can only get seats that others return for a refund.',
  },
};

/** Describes the buyer's chance to get seats. */
export const describeChance = ({ line, chance }: Pick<Queue, 'line' | 'chance'>): string => chances[line][chance];

/** Why a wait or a stay has ended, and what the buyer can do. */
export interface LineEndText {
  readonly title: string;
  readonly text: string;
}

const ends: Record<LineEnd['reason'], Record<LineName, LineEndText>> = {
  maxWait: forBothLines(
    'You have waited for the maximum time',
    'Your place in line has ended. You can join the line again, at its end.',
  ),
  offerLapsed: {
    seats: {
      title: 'The offer has ended',
      text: 'You did not take the seats in time, so the next buyer in line gets them.',
    },
    entry: {
      title: 'You missed your turn',
      text: 'You were let in, but you did not open the hall in time. You can join the line again, at its end.',
    },
  },
  saleClosed: forBothLines('The sale has ended', 'You can no longer buy seats for this show, so its line is closed.'),
  cannotBeServed: forBothLines(
    'We can no longer find these seats',
    'The seats that you waited for will not become free again. You can wait for other seats, or for fewer.',
  ),
  stayEnded: forBothLines(
    'Your time in the hall is over',
    'The next person in line has entered. You can join the line again.',
  ),
  unseen: forBothLines('You are no longer in line', 'Your place ended while this page had no connection.'),
};

function forBothLines(title: string, text: string): Record<LineName, LineEndText> {
  return { seats: { title, text }, entry: { title, text } };
}

/** Describes the end of a wait or of a stay. */
export const describeLineEnd = ({ line, reason }: LineEnd): LineEndText => ends[reason][line];
