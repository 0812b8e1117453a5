import { z } from 'zod';
import { BookingStatus } from './bookings.js';
import { Instant, Seat } from './primitives.js';
import { Queue } from './queue.js';

/** Fields that one code of {@link errorCodes} adds to the body, and the HTTP status and title that go with it. */
interface ErrorCodeSpec {
  readonly status: number;
  readonly title: string;
  readonly fields: z.ZodRawShape;
}

const seats = z.array(Seat);

/** Every error code of the contract, with its HTTP status, its title and its extra fields. */
export const errorCodes = {
  INVALID_REQUEST: {
    status: 400,
    title: 'The request does not match its schema',
    fields: { issues: z.array(z.object({ path: z.string(), message: z.string() })) },
  },
  UNAUTHENTICATED: { status: 401, title: 'A valid session token or API key is needed', fields: {} },
  FORBIDDEN: { status: 403, title: 'This caller may not do this', fields: {} },
  NOT_ADMITTED: { status: 403, title: 'The waiting room is on', fields: { queue: Queue.nullable() } },
  NOT_FOUND: { status: 404, title: 'Not found', fields: { what: z.string() } },
  SEATS_TAKEN: {
    status: 409,
    title: 'Seats are taken',
    fields: { seats, alternative: seats.nullable() },
  },
  SHOW_FULL: { status: 409, title: 'Not enough free seats', fields: { free: z.int(), canQueue: z.boolean() } },
  SINGLE_SEAT_GAP: { status: 409, title: 'The choice leaves a single seat', fields: { alternative: seats } },
  HOLD_LIMIT: { status: 409, title: 'Too many seats held', fields: { limit: z.int() } },
  BOOKING_STATE: { status: 409, title: 'The booking is in another state', fields: { bookingStatus: BookingStatus } },
  SALE_CLOSED: {
    status: 409,
    title: 'The sale is closed',
    fields: { opensAt: Instant.nullable(), closesAt: Instant.nullable() },
  },
  KEY_REUSED: { status: 409, title: 'The idempotency key came before with another body', fields: {} },
  INVALID_SEATS: { status: 422, title: 'These seats cannot be asked for', fields: { limit: z.int() } },
  RATE_LIMITED: { status: 429, title: 'Too many calls', fields: { retryAfterMs: z.int() } },
  BUSY: { status: 503, title: 'The show is busy', fields: { retryAfterMs: z.int() } },
  INTERNAL: { status: 500, title: 'Something broke', fields: { traceId: z.string() } },
} as const satisfies Record<string, ErrorCodeSpec>;

/** A code of the contract. Stable: clients branch on it. */
export type ErrorCode = keyof typeof errorCodes;

/** The extra fields of one code. */
export type ErrorFields<C extends ErrorCode> = {
  [F in keyof (typeof errorCodes)[C]['fields']]: z.infer<(typeof errorCodes)[C]['fields'][F]>;
};

/** One error's body (RFC 9457 problem details), discriminated by `code`. */
export type ErrorBody = {
  [C in ErrorCode]: { type: string; title: string; status: number; code: C; detail: string } & ErrorFields<C>;
}[ErrorCode];

const common = { type: z.string(), title: z.string(), status: z.int(), detail: z.string() };

/** The schema of {@link ErrorBody} for one code. */
export const errorSchema = (code: ErrorCode) =>
  z.object({ ...common, code: z.literal(code), ...(errorCodes[code].fields as z.ZodRawShape) }).meta({
    id: `Error_${code}`,
    description: errorCodes[code].title,
  });

/** Builds the body of an error. `detail` is for people: what happened and what would help, nothing of the inside. */
export const createErrorBody = <C extends ErrorCode>(code: C, detail: string, fields: ErrorFields<C>): ErrorBody => {
  const { status, title } = errorCodes[code];
  const type = `urn:usher:error:${code.toLowerCase().replaceAll('_', '-')}`;
  // The union is indexed by C; TypeScript cannot follow the spread of a generic into it.
  return { type, title, status, code, detail, ...fields } as unknown as ErrorBody;
};

/** True for a value that has the shape of {@link ErrorBody}, with a code that this version knows. */
export const isErrorBody = (value: unknown): value is ErrorBody =>
  typeof value === 'object' &&
  value !== null &&
  'code' in value &&
  typeof value.code === 'string' &&
  Object.hasOwn(errorCodes, value.code) &&
  'detail' in value;
