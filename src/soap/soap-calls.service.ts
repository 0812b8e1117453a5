import { Injectable } from '@nestjs/common';
import {
  type Booking,
  type FoundMovies,
  IdempotencyKey,
  IdParam,
  ReserveBody,
  SearchQuery,
  type Session,
} from '@usher/contract';
import type { z } from 'zod';
import { SearchService } from '../catalog/index.js';
import { createInvalidRequestError } from '../common/invalid-request.js';
import { ApiKeyChecks, bearerToken, CallLimits, requireRole, SessionTokens } from '../access/index.js';
import { ReservationsService } from '../reservations/index.js';

/** The fields of a call, all of them text as it stood in the elements. */
export type CallFields = Readonly<Record<string, unknown>>;

/** What came in the HTTP headers of a call, and from where. */
export interface CallHeaders {
  /** As `clientAddress` has it. */
  readonly address: string;
  readonly authorization?: string | undefined;
  readonly 'x-api-key'?: string | undefined;
  readonly 'idempotency-key'?: string | undefined;
}

/** What `ReserveSeats` answers. `session` is present if it was made for the call or its token was renewed. */
export interface Reserved {
  readonly booking: Booking;
  readonly session?: Session;
}

/** The calls of the SOAP door, by the services and the rules of REST. */
@Injectable()
export class SoapCalls {
  constructor(
    private readonly searches: SearchService,
    private readonly reservations: ReservationsService,
    private readonly tokens: SessionTokens,
    private readonly keyChecks: ApiKeyChecks,
    private readonly limits: CallLimits,
  ) {}

  /** @throws DomainError as `GET /v1/movies/search` */
  async searchMovies(fields: CallFields, headers: CallHeaders): Promise<FoundMovies> {
    await this.checkKey(headers);
    return this.searches.search(parsed(SearchQuery, { ...fields, ...flag('spellcheck', fields['spellcheck']) }));
  }

  /**
   * Reserves for the session of the token, in the call or in `Authorization`; else for one that is made and answered.
   *
   * @throws DomainError as `POST /v1/shows/:showId/reservations`
   */
  async reserveSeats(fields: CallFields, headers: CallHeaders): Promise<Reserved> {
    await this.checkKey(headers);
    const { sessionToken, idempotencyKey, showId: givenShow, ...wish } = fields;
    const showId = parsed(IdParam, givenShow, ['showId']);
    const body = parsed(ReserveBody, numbered(wish));
    const givenKey = idempotencyKey ?? headers['idempotency-key'];
    const key = givenKey === undefined ? null : parsed(IdempotencyKey, givenKey, ['idempotencyKey']);
    const token = sessionToken ?? bearerToken(headers.authorization);
    if (token === undefined && key !== null) {
      const message = 'is missing: an idempotency key belongs to a session';
      throw createInvalidRequestError([{ path: ['sessionToken'], message }]);
    }
    const { sessionId, session } = this.sessionOf(token);
    // The gate counted the session of a token in the header. It could not see a token inside the envelope.
    if (sessionToken !== undefined) await this.limits.countSession(sessionId);
    const booking = await this.reservations.reserve({ sessionId, showId, body, key, origin: null });
    return { booking, ...(session && { session }) };
  }

  private sessionOf(token: unknown): { readonly sessionId: string; readonly session: Session | null } {
    if (token === undefined) {
      const session = this.tokens.issue();
      return { sessionId: session.sessionId, session };
    }
    const verified = this.tokens.read(typeof token === 'string' ? token : '');
    const session = this.tokens.isDueForRenewal(verified) ? this.tokens.renew(verified.sessionId) : null;
    return { sessionId: verified.sessionId, session };
  }

  /** As over REST no key is needed; but a partner who sends one learns when it is no longer good. */
  private async checkKey({ address, 'x-api-key': key }: CallHeaders): Promise<void> {
    if (key !== undefined) requireRole(await this.keyChecks.holderOf(key, address), 'partner');
  }
}

function parsed<S extends z.ZodType>(schema: S, given: unknown, path: PropertyKey[] = []): z.output<S> {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  throw createInvalidRequestError(result.error.issues.map((issue) => ({ ...issue, path: [...path, ...issue.path] })));
}

/** XML Schema has 1 and 0 for true and false as well. */
const flag = (name: string, given: unknown): CallFields =>
  given === '1' || given === '0' ? { [name]: given === '1' ? 'true' : 'false' } : {};

/** Seats and counts as numbers; what is none stays text, for the schema to say so. */
function numbered({ seats, best, ...rest }: CallFields): CallFields {
  const parts = typeof best === 'object' && best !== null ? { ...best } : null;
  return {
    ...rest,
    ...(Array.isArray(seats) && { seats: seats.map(number) }),
    ...(parts && { best: { ...parts, ...('count' in parts && { count: number(parts.count) }) } }),
  };
}

const number = (given: unknown): unknown =>
  typeof given === 'string' && /^-?[0-9]{1,15}$/.test(given) ? Number(given) : given;
