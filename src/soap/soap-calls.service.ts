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
import {
  ApiKeyChecks,
  bearerToken,
  BuyerSources,
  CallLimits,
  CallTurns,
  type KeyHolder,
  KeyScopes,
  requirePermission,
  SessionTokens,
} from '../access/index.js';
import { ReservationsService } from '../reservations/index.js';

/** The fields of a call by name. Each value is the unparsed text of its XML element. */
export type CallFields = Readonly<Record<string, unknown>>;

/** The client address of a call, the HTTP headers that the service reads, and the budgets of the caller. */
export interface CallHeaders {
  /** Client address as returned by `clientAddress`. */
  readonly address: string;
  /** Takes the points of an expensive call from the budgets of the caller. @throws DomainError `RATE_LIMITED` */
  readonly charge: (kind: 'search' | 'correction') => Promise<void>;
  readonly authorization?: string | undefined;
  readonly 'x-api-key'?: string | undefined;
  readonly 'idempotency-key'?: string | undefined;
}

/** The answer to `ReserveSeats`. It has a `session` if the call created one or renewed its token. */
export interface ReserveSeatsAnswer {
  readonly booking: Booking;
  readonly session?: Session;
}

/** Executes the SOAP operations with the services and the rules that REST uses. */
@Injectable()
export class SoapCalls {
  constructor(
    private readonly searches: SearchService,
    private readonly reservations: ReservationsService,
    private readonly tokens: SessionTokens,
    private readonly keyChecks: ApiKeyChecks,
    private readonly keyScopes: KeyScopes,
    private readonly limits: CallLimits,
    private readonly buyers: BuyerSources,
    private readonly turns: CallTurns,
  ) {}

  /** Searches movies. @throws DomainError, like `GET /v1/movies/search` */
  async searchMovies(fields: CallFields, headers: CallHeaders): Promise<FoundMovies> {
    await this.checkKey(headers, null);
    const query = parse(SearchQuery, { ...fields, ...normalizeBoolean('spellcheck', fields['spellcheck']) });
    const { address, charge } = headers;
    await charge('search');
    return this.turns.run(address, () => this.searches.search(query, () => charge('correction')));
  }

  /**
   * Reserves seats for the session whose token is in the call or in the header `Authorization`. Without a token, the call
   * creates a session and returns it.
   *
   * @throws DomainError, like `POST /v1/shows/:showId/reservations`
   */
  async reserveSeats(fields: CallFields, headers: CallHeaders): Promise<ReserveSeatsAnswer> {
    const { sessionToken, idempotencyKey, showId: showIdText, ...seatFields } = fields;
    const showId = parse(IdParam, showIdText, ['showId']);
    const holder = await this.checkKey(headers, showId);
    const body = parse(ReserveBody, parseNumbers(seatFields));
    const keyText = idempotencyKey ?? headers['idempotency-key'];
    const key = keyText === undefined ? null : parse(IdempotencyKey, keyText, ['idempotencyKey']);
    const token = sessionToken ?? bearerToken(headers.authorization);
    if (token === undefined && key !== null) {
      const message = 'is missing; a call with an idempotency key must also send a session token';
      throw createInvalidRequestError([{ path: ['sessionToken'], message }]);
    }
    const { sessionId, session } = this.findOrIssueSession(token);
    // The call limits already counted the session of a token in the header, but they cannot see a token in the envelope.
    if (sessionToken !== undefined) await this.limits.countSession(sessionId);
    const booking = await this.reservations.reserve({
      buyer: this.buyers.of(sessionId, headers.address, holder),
      showId,
      body,
      key,
      origin: null,
    });
    return { booking, ...(session && { session }) };
  }

  /** Returns the session of a token. Also returns the new session data if the session or its token is new. */
  private findOrIssueSession(token: unknown): { readonly sessionId: string; readonly session: Session | null } {
    if (token === undefined) {
      const session = this.tokens.issue();
      return { sessionId: session.sessionId, session };
    }
    const verified = this.tokens.read(typeof token === 'string' ? token : '');
    const session = this.tokens.isDueForRenewal(verified) ? this.tokens.renew(verified.sessionId) : null;
    return { sessionId: verified.sessionId, session };
  }

  /**
   * Checks the seller's API key if the call has one. Like REST, SOAP needs no key, but a partner must learn that its key
   * is not valid any more.
   *
   * @param showId the show for which the call sells seats, or null
   * @returns the holder of the key, or null if the call has no key
   */
  private async checkKey({ address, 'x-api-key': key }: CallHeaders, showId: number | null): Promise<KeyHolder | null> {
    if (key === undefined) return null;
    const holder = await this.keyChecks.holderOf(key, address);
    requirePermission(holder, 'sell');
    if (showId !== null) await this.keyScopes.requirePlace(holder, 'show', showId);
    return holder;
  }
}

/** Validates a value. @throws DomainError `INVALID_REQUEST` with the given path */
function parse<S extends z.ZodType>(schema: S, value: unknown, path: PropertyKey[] = []): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw createInvalidRequestError(result.error.issues.map((issue) => ({ ...issue, path: [...path, ...issue.path] })));
}

/** Replaces `1` and `0`, which XML Schema also allows for booleans, by `true` and `false`. */
const normalizeBoolean = (name: string, text: unknown): CallFields =>
  text === '1' || text === '0' ? { [name]: text === '1' ? 'true' : 'false' } : {};

/** Parses the seats and the count as numbers. Invalid text stays unchanged, so that the schema reports the error. */
function parseNumbers({ seats, best, ...rest }: CallFields): CallFields {
  const parts = typeof best === 'object' && best !== null ? { ...best } : null;
  return {
    ...rest,
    ...(Array.isArray(seats) && { seats: seats.map(toNumber) }),
    ...(parts && { best: { ...parts, ...('count' in parts && { count: toNumber(parts.count) }) } }),
  };
}

const toNumber = (value: unknown): unknown =>
  typeof value === 'string' && /^-?[0-9]{1,15}$/.test(value) ? Number(value) : value;
