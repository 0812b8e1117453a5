import { z } from 'zod';
import { SignInFailure } from './access/operators.js';
import { Seat } from './layouts/layout.js';
import { Queue } from './line/queue.js';
import { BookingStatus } from './seats/bookings.js';
import { Id } from './values/ids.js';
import { Instant } from './values/times.js';

/** The HTTP status and title of one error code, and the fields that the code adds to the error's body. */
interface ErrorCodeSpec {
  readonly status: number;
  readonly title: string;
  readonly fields: z.ZodRawShape;
}

const seats = z.array(Seat);

/**
 * Why an access code of the show cannot be used.
 *
 * - `usedUp`: other sessions have used it as often as it allows.
 * - `early`: it is valid from `validFrom` on.
 * - `expired`: its time is over.
 * - `revoked`: the organiser revoked it.
 */
export const AccessCodeEnd = z.enum(['usedUp', 'early', 'expired', 'revoked']);
export type AccessCodeEnd = z.infer<typeof AccessCodeEnd>;

/** All error codes of the contract. A new code needs an entry here. */
export const errorCodes = {
  INVALID_REQUEST: {
    status: 400,
    title: 'The request does not match its schema',
    fields: { issues: z.array(z.object({ path: z.string(), message: z.string() })) },
  },
  UNAUTHENTICATED: { status: 401, title: 'A valid session token or API key is required', fields: {} },
  SIGN_IN_FAILED: { status: 403, title: 'The sign-in failed', fields: { reason: SignInFailure } },
  FORBIDDEN: { status: 403, title: 'This caller may not do this', fields: {} },
  NOT_ADMITTED: {
    status: 403,
    title: 'The waiting room has not admitted this session',
    fields: { queue: Queue.nullable() },
  },
  CODE_REQUIRED: { status: 403, title: 'This show needs an access code', fields: {} },
  CHALLENGE_REQUIRED: { status: 403, title: 'The session must pass a challenge first', fields: { showId: Id } },
  NOT_FOUND: { status: 404, title: 'Not found', fields: { what: z.string() } },
  SEATS_TAKEN: {
    status: 409,
    title: 'Some of the seats are taken',
    fields: { seats, alternative: seats.nullable() },
  },
  SHOW_FULL: { status: 409, title: 'Not enough seats are free', fields: { free: z.int(), canQueue: z.boolean() } },
  SINGLE_SEAT_GAP: { status: 409, title: 'The choice leaves a single free seat', fields: { alternative: seats } },
  HOLD_LIMIT: { status: 409, title: 'Too many seats for one session', fields: { limit: z.int() } },
  ADDRESS_LIMIT: {
    status: 409,
    title: 'The buyers of one network address already have the maximum of this show',
    fields: { limit: z.int() },
  },
  BOOKING_STATE: {
    status: 409,
    title: 'The status of the booking does not allow this',
    fields: { bookingStatus: BookingStatus },
  },
  CODE_UNUSABLE: {
    status: 409,
    title: 'This access code cannot be used',
    fields: { reason: AccessCodeEnd, validFrom: Instant.nullable() },
  },
  SALE_CLOSED: {
    status: 409,
    title: 'The sale is not open',
    fields: { opensAt: Instant.nullable(), closesAt: Instant.nullable() },
  },
  KEY_REUSED: { status: 409, title: 'The idempotency key was used with a different body', fields: {} },
  INVALID_SEATS: { status: 422, title: 'These seats cannot be requested', fields: { limit: z.int() } },
  COOL_DOWN: {
    status: 429,
    title: 'The session must wait before it may hold seats of this show',
    fields: { retryAfterMs: z.int() },
  },
  RATE_LIMITED: { status: 429, title: 'Too many calls', fields: { retryAfterMs: z.int() } },
  BUSY: { status: 503, title: 'The show is busy', fields: { retryAfterMs: z.int() } },
  SIGN_IN_UNAVAILABLE: {
    status: 503,
    title: 'The identity provider does not answer',
    fields: { retryAfterMs: z.int() },
  },
  INTERNAL: { status: 500, title: 'The server failed', fields: { traceId: z.string() } },
} as const satisfies Record<string, ErrorCodeSpec>;

/** A code that clients use to tell errors apart. Codes never change. */
export type ErrorCode = keyof typeof errorCodes;

/** The fields that one code adds to the error's body. */
export type ErrorFields<C extends ErrorCode> = {
  [F in keyof (typeof errorCodes)[C]['fields']]: z.infer<(typeof errorCodes)[C]['fields'][F]>;
};

/** The body of an error (RFC 9457 problem details). TypeScript knows its fields once `code` has been checked. */
export type ErrorBody = {
  [C in ErrorCode]: { type: string; title: string; status: number; code: C; detail: string } & ErrorFields<C>;
}[ErrorCode];

const commonFields = { type: z.string(), title: z.string(), status: z.int(), detail: z.string() };

/** Returns the schema of {@link ErrorBody} for one code. */
export const errorSchema = (code: ErrorCode) =>
  z.object({ ...commonFields, code: z.literal(code), ...(errorCodes[code].fields as z.ZodRawShape) }).meta({
    id: `Error_${code}`,
    description: errorCodes[code].title,
  });

/**
 * Creates the body of an error.
 *
 * @param detail tells a person what happened and what would help. It contains no internals of the service.
 */
export const createErrorBody = <C extends ErrorCode>(code: C, detail: string, fields: ErrorFields<C>): ErrorBody => {
  const { status, title } = errorCodes[code];
  const type = `urn:usher:error:${code.toLowerCase().replaceAll('_', '-')}`;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- TypeScript cannot follow the spread of a generic into the union
  return { type, title, status, code, detail, ...fields } as unknown as ErrorBody;
};

/** Returns true if this version of the contract has the code. */
export const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(errorCodes, code);

/** Returns true if a value looks like an {@link ErrorBody} with a code that this version of the contract knows. */
export const isErrorBody = (value: unknown): value is ErrorBody =>
  typeof value === 'object' &&
  value !== null &&
  'code' in value &&
  typeof value.code === 'string' &&
  isErrorCode(value.code) &&
  'detail' in value;
