import { UsherError } from '@usher/client';
import type { Money } from '@usher/contract';
import { capitalize, formatDayAndTime, formatMoney, formatCount } from '../ui/format.js';

/** A refusal in the buyer's words. */
export interface Refusal {
  readonly title: string;
  readonly text: string;
  /** Seats that would have been accepted, or null. */
  readonly alternative: readonly number[] | null;
  /** Seats of the wish that are not to be had any more. */
  readonly taken: readonly number[];
  /** Whether one can stand in line for what was wished for. */
  readonly canQueue: boolean;
}

/** What is needed to speak about seats and times of a show. */
export interface RefusalContext {
  /** "seat D12", "seats D12 and D13". */
  readonly nameSeats: (seats: readonly number[]) => string;
  /** The cinema's time zone. */
  readonly timeZone: string;
  /** How many seats were asked for, where that is known. */
  readonly wanted?: number;
}

const defaultContext: RefusalContext = {
  nameSeats: (seats) => formatCount(seats.length, 'seat'),
  timeZone: 'UTC',
};

const makeRefusal = (title: string, text: string): Refusal => ({
  title,
  text,
  alternative: null,
  taken: [],
  canQueue: false,
});

/** For the seat that is one too many. @param limit how many may be chosen */
export const describeChoiceLimit = (limit: number): Refusal =>
  limit === 0
    ? makeRefusal('Too many seats', 'You hold as many seats of this show as you may. Give some back to choose others.')
    : makeRefusal('Too many seats', `You can choose at most ${formatCount(limit, 'seat')} here.`);

/** For a choice whose price changed since it was chosen. */
export const describePriceChange = (before: Money, after: Money): Refusal =>
  makeRefusal(
    'The price has changed',
    `Your choice costs ${formatMoney(after)}, and not ${formatMoney(before)} as before. Nothing is held yet. ` +
      'Hold the seats again if you agree.',
  );

/** For seats whose price changed in the moment in which they were held. */
export const describeHeldPriceChange = (before: Money, after: Money): Refusal =>
  makeRefusal(
    'The price has changed',
    `Your seats are held at ${formatMoney(after)}, and not at ${formatMoney(before)} as before. ` +
      'Release them if you do not agree.',
  );

/** Puts whatever a call was refused with into words: what happened, and what helps. */
export function describeError(thrown: unknown, known: Partial<RefusalContext> = {}): Refusal {
  const context = { ...defaultContext, ...known };
  if (!(thrown instanceof UsherError)) return makeRefusal('Something went wrong', 'Please try again.');
  const { code, body } = thrown;
  if (code === 'NETWORK') {
    return makeRefusal('No connection', 'The service could not be reached. Check your connection and try again.');
  }
  if (code === 'TIMEOUT') {
    return makeRefusal(
      'No answer',
      'The service did not answer in time. If seats were held for you, they will appear here.',
    );
  }
  return body ? describeErrorBody(body, context) : makeRefusal('Refused', thrown.message);
}

type Body = NonNullable<UsherError['body']>;
type BodyOf<C extends Body['code']> = Extract<Body, { code: C }>;

function describeErrorBody(body: Body, context: RefusalContext): Refusal {
  switch (body.code) {
    case 'SEATS_TAKEN':
      return describeSeatsTaken(body, context);
    case 'SINGLE_SEAT_GAP':
      return describeSingleSeatGap(body, context);
    case 'SHOW_FULL':
      return describeShowFull(body, context);
    case 'HOLD_LIMIT':
      return makeRefusal(
        'Too many seats held',
        `You may hold ${formatCount(body.limit, 'seat')} of this show. Give some back first, or choose fewer.`,
      );
    case 'INVALID_SEATS':
      return makeRefusal('Check your choice', `Choose between one and ${formatCount(body.limit, 'seat')}.`);
    case 'SALE_CLOSED':
      return describeSaleClosed(body, context);
    case 'BUSY':
      return makeRefusal('Not at this moment', `${body.detail} Please try again.`);
    case 'RATE_LIMITED': {
      const seconds = formatCount(Math.max(1, Math.ceil(body.retryAfterMs / 1000)), 'second');
      return makeRefusal('Too many tries', `Please wait ${seconds} and try again.`);
    }
    case 'BOOKING_STATE':
      return makeRefusal('Not held any more', 'These seats were given back already or their time ran out.');
    case 'NOT_ADMITTED':
      return body.queue === null
        ? makeRefusal(
            'Not inside',
            'Many people want this show, and entry is in turn. Ask to be let in to stand in line.',
          )
        : makeRefusal('The waiting room is on', 'Many people want this show. You are let in when it is your turn.');
    case 'NOT_FOUND':
      return makeRefusal('Not found', 'There is nothing here, or not any more.');
    case 'UNAUTHENTICATED':
    case 'FORBIDDEN':
      return makeRefusal('Session ended', 'Your session is not known any more. Reload the page to begin a new one.');
    case 'INVALID_REQUEST':
      return describeInvalidRequest(body);
    case 'KEY_REUSED':
    case 'INTERNAL':
      break;
  }
  return makeRefusal('Something went wrong', body.detail);
}

function describeSeatsTaken(
  { seats: taken, alternative }: BodyOf<'SEATS_TAKEN'>,
  { nameSeats }: RefusalContext,
): Refusal {
  const verb = taken.length === 1 ? 'was' : 'were';
  const lost = `Someone else was faster: ${nameSeats(taken)} ${verb} just taken, so nothing was held.`;
  const next = alternative ? `Free and like them: ${nameSeats(alternative)}.` : 'Please choose other seats.';
  return { title: 'Seats just taken', text: `${lost} ${next}`, alternative, taken, canQueue: false };
}

function describeSingleSeatGap({ alternative }: BodyOf<'SINGLE_SEAT_GAP'>, { nameSeats }: RefusalContext): Refusal {
  const text = `Your choice would leave one seat alone. Free without a gap: ${nameSeats(alternative)}.`;
  return { title: 'One seat would stay alone', text, alternative, taken: [], canQueue: false };
}

function describeShowFull({ free, canQueue, detail }: BodyOf<'SHOW_FULL'>, { wanted }: RefusalContext): Refusal {
  const next = canQueue ? ' You can also stand in line for seats that come back.' : '';
  // More is free than was asked for: it is others' turn, as the line is strict.
  if (wanted !== undefined && free >= wanted)
    return { ...makeRefusal('Others are before you', detail + next), canQueue };
  const words =
    free === 0
      ? makeRefusal('Sold out', `No such seat is free at the moment. Held seats may come free again.${next}`)
      : makeRefusal(
          'Not enough seats',
          `Only ${formatCount(free, 'seat')} can be had at the moment. Ask for fewer.${next}`,
        );
  return { ...words, canQueue };
}

/** A wish that this hall can never meet is the one that a buyer can make; the rest would be this page's defect. */
function describeInvalidRequest({ issues, detail }: BodyOf<'INVALID_REQUEST'>): Refusal {
  const isAbout = (field: string) => issues.some(({ path }) => path.split('.').at(-1) === field);
  if (isAbout('partySize'))
    return makeRefusal('Not in this hall', `${capitalize(findIssueMessage(issues, 'partySize'))}. Ask for fewer.`);
  if (isAbout('tiers'))
    return makeRefusal('No such price', 'This show has no seats at that price any more. Choose another.');
  return makeRefusal('Something went wrong', detail);
}

const findIssueMessage = (issues: BodyOf<'INVALID_REQUEST'>['issues'], field: string): string =>
  issues.find(({ path }) => path.split('.').at(-1) === field)?.message ?? '';

function describeSaleClosed({ opensAt }: BodyOf<'SALE_CLOSED'>, { timeZone }: RefusalContext): Refusal {
  return opensAt !== null && Date.parse(opensAt) > Date.now()
    ? makeRefusal('The sale is not open yet', `The sale of this show opens on ${formatDayAndTime(opensAt, timeZone)}.`)
    : makeRefusal('The sale is closed', 'Seats of this show can no longer be bought.');
}
