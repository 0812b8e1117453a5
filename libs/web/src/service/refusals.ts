import { UsherError } from '@usher/client';
import type { Money } from '@usher/contract';
import { capitalize, formatCount, formatDayAndTime, formatMoney } from '../ui/format.js';

/** Why the service or this page refused an action, in words for the buyer. */
export interface Refusal {
  readonly title: string;
  readonly text: string;
  /** Seats that the service would accept instead, or null. */
  readonly alternativeSeats: readonly number[] | null;
  /** Requested seats that another buyer has taken. */
  readonly takenSeats: readonly number[];
  /** True if the buyer can join the line for the requested seats. */
  readonly canJoinLine: boolean;
}

/** The values with which {@link describeError} names the seats and times of a show. */
export interface RefusalContext {
  /** Returns for example "seat D12" or "seats D12 and D13". */
  readonly nameSeats: (seats: readonly number[]) => string;
  /** Time zone of the cinema. */
  readonly timeZone: string;
  /** Number of requested seats, if known. */
  readonly requestedCount?: number;
}

const defaultContext: RefusalContext = {
  nameSeats: (seats) => formatCount(seats.length, 'seat'),
  timeZone: 'UTC',
};

/** Returns a refusal without alternatives. */
export const makeRefusal = (title: string, text: string): Refusal => ({
  title,
  text,
  alternativeSeats: null,
  takenSeats: [],
  canJoinLine: false,
});

/** Describes a challenge that this page could not solve. */
export const challengeRefusal = makeRefusal(
  'The check did not work',
  'We check that buyers are not robots, and this check failed. Please try again. If it fails again, use another browser.',
);

const addressRefusal = makeRefusal(
  'Too many from your network',
  'Other buyers at your network address, for example at your school or workplace, already have the maximum of this show. Try again in a few minutes.',
);

const codeRefusal = makeRefusal(
  'This show needs an access code',
  'Only people with a code can get seats now. Enter your code on this page.',
);

/** Describes why the buyer cannot choose another seat. @param limit how many seats the buyer can choose */
export const describeChoiceLimit = (limit: number): Refusal =>
  limit === 0
    ? makeRefusal('Too many seats', 'You already hold the maximum number of seats for this show. Release some first.')
    : makeRefusal('Too many seats', `You can choose at most ${formatCount(limit, 'seat')} here.`);

/** Describes a price that changed after the buyer chose the seats. */
export const describePriceChange = (before: Money, after: Money): Refusal =>
  makeRefusal(
    'The price has changed',
    `Your seats now cost ${formatMoney(after)} instead of ${formatMoney(before)}. You do not hold them yet. ` +
      'If you agree, hold the seats again.',
  );

/** Describes a price that changed while the service held the seats. */
export const describeHeldPriceChange = (before: Money, after: Money): Refusal =>
  makeRefusal(
    'The price has changed',
    `Your seats are held for ${formatMoney(after)} instead of ${formatMoney(before)}. ` +
      'If you do not agree, release them.',
  );

/** Returns true if the service has no such object. Then the page does not exist, and a retry does not help. */
export const isNotFoundError = (error: unknown): boolean => error instanceof UsherError && error.code === 'NOT_FOUND';

/** Describes the error of a call: what happened, and what the buyer can do. */
export function describeError(error: unknown, partialContext: Partial<RefusalContext> = {}): Refusal {
  const context = { ...defaultContext, ...partialContext };
  if (!(error instanceof UsherError)) return makeRefusal('Something went wrong', 'Please try again.');
  const { code, body } = error;
  if (code === 'NETWORK') {
    return makeRefusal('No connection', 'We could not reach the service. Check your connection and try again.');
  }
  if (code === 'TIMEOUT') {
    return makeRefusal(
      'No answer',
      'The service did not answer in time. If it holds seats for you, they will appear here.',
    );
  }
  return body ? describeErrorBody(body, context) : makeRefusal('Request refused', error.message);
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
        'Too many seats',
        `You can hold at most ${formatCount(body.limit, 'seat')} for this show. Release some first, or choose fewer.`,
      );
    case 'ADDRESS_LIMIT':
      return addressRefusal;
    case 'CODE_REQUIRED':
      return codeRefusal;
    case 'CODE_UNUSABLE':
      return describeUnusableCode(body, context);
    case 'INVALID_SEATS':
      return makeRefusal('Check your seats', `Choose between one and ${formatCount(body.limit, 'seat')}.`);
    case 'SALE_CLOSED':
      return describeSaleClosed(body, context);
    case 'BUSY':
      return makeRefusal('The service is busy', `${body.detail} Please try again.`);
    case 'RATE_LIMITED': {
      const seconds = formatCount(Math.max(1, Math.ceil(body.retryAfterMs / 1000)), 'second');
      return makeRefusal('Too many requests', `Please wait ${seconds} and try again.`);
    }
    case 'COOL_DOWN':
      return makeRefusal('Please wait before you choose seats again', body.detail);
    case 'BOOKING_STATE':
      return makeRefusal('No longer held', 'You have already released these seats, or your time ran out.');
    case 'NOT_ADMITTED':
      return describeNotAdmitted(body);
    case 'CHALLENGE_REQUIRED':
      return challengeRefusal;
    case 'NOT_FOUND':
      return makeRefusal('Not found', 'This does not exist, or it no longer exists.');
    case 'UNAUTHENTICATED':
    case 'FORBIDDEN':
      return makeRefusal('Session ended', 'Your session has ended. Reload the page to start a new session.');
    case 'INVALID_REQUEST':
      return describeInvalidRequest(body);
    case 'KEY_REUSED':
    case 'SIGN_IN_FAILED':
    case 'SIGN_IN_UNAVAILABLE':
    case 'INTERNAL':
      break;
  }
  return makeRefusal('Something went wrong', body.detail);
}

function describeNotAdmitted({ queue }: BodyOf<'NOT_ADMITTED'>): Refusal {
  return queue === null
    ? makeRefusal(
        'You are not in the hall',
        'Many people want this show, so they enter one after another. Ask to enter, and you join the line.',
      )
    : makeRefusal('You are in the waiting room', 'Many people want this show. We let you in when it is your turn.');
}

function describeSeatsTaken({ seats, alternative }: BodyOf<'SEATS_TAKEN'>, { nameSeats }: RefusalContext): Refusal {
  const next = alternative ? `Similar free seats: ${nameSeats(alternative)}.` : 'Please choose other seats.';
  return {
    title: 'Seats already taken',
    text: `Someone else has just taken ${nameSeats(seats)}, so you do not hold any seats. ${next}`,
    alternativeSeats: alternative,
    takenSeats: seats,
    canJoinLine: false,
  };
}

function describeSingleSeatGap({ alternative }: BodyOf<'SINGLE_SEAT_GAP'>, { nameSeats }: RefusalContext): Refusal {
  const text = `Your choice would leave a single seat empty. Free seats that leave no gap: ${nameSeats(alternative)}.`;
  return { ...makeRefusal('This leaves a single seat', text), alternativeSeats: alternative };
}

function describeShowFull(
  { free, canQueue, detail }: BodyOf<'SHOW_FULL'>,
  { requestedCount }: RefusalContext,
): Refusal {
  const next = canQueue ? ' You can also join the line for seats that become free.' : '';
  // Enough seats are free, but other buyers in line come first.
  if (requestedCount !== undefined && free >= requestedCount) {
    return { ...makeRefusal('Others are ahead of you', detail + next), canJoinLine: canQueue };
  }
  const refusal =
    free === 0
      ? makeRefusal('Sold out', `No such seat is free right now. Held seats can become free again.${next}`)
      : makeRefusal(
          'Not enough seats',
          `Only ${formatCount(free, 'seat')} can be held right now. Ask for fewer seats.${next}`,
        );
  return { ...refusal, canJoinLine: canQueue };
}

/**
 * Buyers can cause two of these errors by asking for seats that the hall does not have. All others are bugs of this
 * page.
 */
function describeInvalidRequest({ issues, detail }: BodyOf<'INVALID_REQUEST'>): Refusal {
  const partySizeIssue = findIssueMessage(issues, 'partySize');
  if (partySizeIssue !== null) {
    return makeRefusal('Not in this hall', `${capitalize(partySizeIssue)}. Ask for fewer seats.`);
  }
  if (findIssueMessage(issues, 'tiers') !== null) {
    return makeRefusal('No such price', 'This show no longer has seats at that price. Choose another price.');
  }
  return makeRefusal('Something went wrong', detail);
}

function findIssueMessage(issues: BodyOf<'INVALID_REQUEST'>['issues'], field: string): string | null {
  return issues.find(({ path }) => path.split('.').at(-1) === field)?.message ?? null;
}

function describeUnusableCode({ reason, validFrom }: BodyOf<'CODE_UNUSABLE'>, { timeZone }: RefusalContext): Refusal {
  const texts = {
    usedUp: 'This code has already been used.',
    early: `This code can be used from ${validFrom === null ? 'later' : formatDayAndTime(validFrom, timeZone)} on.`,
    expired: 'This code is no longer valid.',
    revoked: 'The organiser has revoked this code.',
  };
  return makeRefusal('This code cannot be used', texts[reason]);
}

function describeSaleClosed({ opensAt }: BodyOf<'SALE_CLOSED'>, { timeZone }: RefusalContext): Refusal {
  return opensAt !== null && Date.parse(opensAt) > Date.now()
    ? makeRefusal('The sale has not started', `The sale of this show starts on ${formatDayAndTime(opensAt, timeZone)}.`)
    : makeRefusal('The sale has ended', 'You can no longer buy seats for this show.');
}
