import type { LineEnd, ShowView } from '@usher/client';
import type { Chance, LineName, Queue } from '@usher/contract';
import { formatCount } from '../ui/format.js';

/** "about 3 to 6 minutes": how long it may take, as one says it. Null: nobody can tell yet. */
export function describeWait(eta: Queue['etaSeconds']): string | null {
  if (eta === null) return null;
  const from = Math.round(eta.from / 60);
  const to = Math.ceil(eta.to / 60);
  if (to <= 1) return eta.from < 60 ? 'less than a minute' : 'about 1 minute';
  if (from >= 120) return `about ${Math.round(from / 60)} to ${Math.ceil(to / 60)} hours`;
  if (from === to) return `about ${formatCount(to, 'minute')}`;
  return from < 1 ? `up to ${formatCount(to, 'minute')}` : `about ${from} to ${formatCount(to, 'minute')}`;
}

/** "3 people are ahead of you". */
export function describeAhead(ahead: number): string {
  if (ahead === 0) return 'You are next';
  return ahead === 1 ? '1 is ahead of you' : `${ahead} are ahead of you`;
}

/** What {@link summarizeLine} looks at. */
export interface LineSummaryInput extends Pick<ShowView, 'offer' | 'access'> {
  readonly queue: Pick<Queue, 'ahead'> | null;
}

/** How it stands in a few letters, for a window's title; undefined where there is nothing to tell. */
export function summarizeLine({ queue, offer, access }: LineSummaryInput): string | undefined {
  if (offer !== null) return 'Seats found';
  if (queue === null) return access === 'waiting' ? 'Your turn' : undefined;
  if (queue.ahead === null) return 'Waiting';
  return queue.ahead === 0 ? 'Next' : `${queue.ahead} ahead`;
}

const chances: Record<LineName, Record<Chance, string>> = {
  entry: {
    likely: 'There will most likely be seats left when it is your turn.',
    unlikely: 'Seats may run out before it is your turn.',
    none: 'As it looks now, no seats will be left when it is your turn.',
  },
  seats: {
    likely: 'You will most likely get seats.',
    unlikely: 'You get seats only if others give some back.',
    none: 'Every seat is sold. Only a return or a refund can bring seats back.',
  },
};

/** What the chance of getting seats is, as one says it. */
export const describeChance = ({ line, chance }: Pick<Queue, 'line' | 'chance'>): string => chances[line][chance];

/** Why somebody stands in a line no longer: what happened, and what helps. */
export interface LineEndText {
  readonly title: string;
  readonly text: string;
}

const ends: Record<LineEnd['reason'], Record<LineName, LineEndText>> = {
  maxWait: forBothLines(
    'You waited as long as one can',
    'Your place in line has ended. You can stand in line again, at its end.',
  ),
  offerLapsed: {
    seats: {
      title: 'The offer has ended',
      text: 'The seats that were found for you were not taken in time and went to the next in line.',
    },
    entry: {
      title: 'Your turn has passed',
      text: 'You were let in, but this page did not come. You can stand in line again, at its end.',
    },
  },
  saleClosed: forBothLines('The sale has ended', 'Seats of this show can no longer be bought, so its line is closed.'),
  cannotBeServed: forBothLines(
    'Your wish cannot be met any more',
    'The seats you waited for will not come back. You can wait for other seats, or for fewer.',
  ),
  stayEnded: forBothLines(
    'Your time in the hall is over',
    'The next in line has come in. You can stand in line again.',
  ),
  unseen: forBothLines('You are in line no longer', 'Your place ended while this page could not hear of it.'),
};

function forBothLines(title: string, text: string): Record<LineName, LineEndText> {
  return { seats: { title, text }, entry: { title, text } };
}

/** The words for the end of a wait or of a stay. */
export const describeLineEnd = ({ line, reason }: LineEnd): LineEndText => ends[reason][line];
