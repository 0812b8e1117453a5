import {
  type Booking,
  type BookingContact,
  endpoints,
  isErrorBody,
  type Paper,
  type Payment,
  type PaymentMethod,
  type Refund,
  renewalHeader,
  type Session,
  type Ticket,
} from '@usher/contract';
import { toUsherError, UsherError } from '../common/errors.js';
import type { CheckIns } from '../gate/gate-types.js';
import { randomKey } from '../common/idempotency-key.js';
import type { Catalog, Lines, Push } from '../types.js';

/** One of the contract's endpoints. */
interface Address {
  readonly method: string;
  /** E.g. `/v1/cities/{cityId}`. */
  readonly path: string;
}

/** What is needed to call an endpoint and to know its answer. */
interface Callable<T> extends Address {
  readonly answer: { parse(value: unknown): T };
  /** Statuses whose answers are no errors of the call and have the same shape. */
  readonly otherAnswers?: Readonly<Record<number, { parse(value: unknown): T }>>;
}

/** What a call carries besides its path. */
interface Carried {
  readonly query?: Values;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  /** Added to the usual time limit, for an answer that is held open. */
  readonly heldMs?: number;
}

/** What a payment is begun with. */
export interface PaymentWish {
  readonly method?: PaymentMethod;
  readonly onConflict?: 'alternative';
  readonly returnUrl?: string;
}

/** What tickets can be had as. */
export type TicketFile = 'application/pdf' | 'text/calendar';

/** An answer, read. */
interface Answered {
  readonly ok: boolean;
  readonly status: number;
  readonly body: unknown;
}

/** Does something with the session's token. */
export type WithToken = <T>(call: (token: string) => Promise<T>) => Promise<T>;

type Values = Record<string, string | number | undefined>;

/** Where the endpoints' paths begin. @throws TypeError when `url` is not an absolute URL */
export function baseOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname.replace(/\/+$/, '');
}

/** What {@link Rest} needs to know of its surroundings. */
export interface RestOptions {
  /** Before the endpoints' paths, without a closing slash. */
  base: string;
  apiKey: string | undefined;
  timeoutMs: number;
  /** An answer that no cache can have kept: its `Date`, and when it was asked for, on the monotonic clock. */
  dated?(date: string, sentAt: number): void;
  /** The server wants the session's token to be renewed. */
  renewalDue?(): void;
}

/** Usher's REST endpoints, typed and checked by the contract. Every call rejects with {@link UsherError}. */
export class Rest {
  constructor(private readonly options: RestOptions) {}

  /** A new session; with a valid token, the same session with a fresh token. */
  createSession(token?: string): Promise<Session> {
    const headers: Record<string, string> = token === undefined ? {} : bearer(token);
    if (this.options.apiKey !== undefined) headers['x-api-key'] = this.options.apiKey;
    return this.call(endpoints.createSession, {}, { headers });
  }

  /** One booking of the session whose token this is. */
  booking(bookingId: string, token: string): Promise<Booking> {
    return this.call(endpoints.getBooking, { bookingId }, { headers: bearer(token) });
  }

  /** The session's bookings of a show: the newest, as many as an answer holds. */
  async bookingsOf(showId: number, token: string): Promise<Booking[]> {
    return (await this.call(endpoints.listBookings, {}, { query: { showId, limit: 100 }, headers: bearer(token) }))
      .items;
  }

  /** Gives a hold back. */
  releaseBooking(bookingId: string, token: string): Promise<Booking> {
    return this.call(endpoints.releaseBooking, { bookingId }, { headers: bearer(token) });
  }

  /** Starts to pay a booking. */
  startPayment(bookingId: string, body: PaymentWish, key: string, token: string): Promise<Payment> {
    const headers = { ...bearer(token), 'idempotency-key': key };
    return this.call(endpoints.startPayment, { bookingId }, { body, headers });
  }

  /** One payment. */
  payment(paymentId: string, token: string): Promise<Payment> {
    return this.call(endpoints.getPayment, { paymentId }, { headers: bearer(token) });
  }

  /** Gives paid seats back; all without `seats`. */
  refund(bookingId: string, seats: readonly number[] | undefined, key: string, token: string): Promise<Booking> {
    const headers = { ...bearer(token), 'idempotency-key': key };
    return this.call(endpoints.refundBooking, { bookingId }, { body: seats ? { seats } : {}, headers });
  }

  /** A booking's money that goes back. */
  async refunds(bookingId: string, token: string): Promise<Refund[]> {
    return (await this.call(endpoints.listRefunds, { bookingId }, { headers: bearer(token) })).items;
  }

  /** A booking's tickets. */
  async tickets(bookingId: string, token: string): Promise<Ticket[]> {
    return (await this.call(endpoints.listTickets, { bookingId }, { headers: bearer(token) })).items;
  }

  /** A booking's tickets as a file of a type. */
  ticketFile(bookingId: string, type: TicketFile, paper: Paper | undefined, token: string): Promise<Blob> {
    const headers = { ...bearer(token), accept: type };
    return this.file(pathOf(endpoints.listTickets.path, { bookingId }) + queryOf({ paper }), headers);
  }

  /** A ticket as a pass for Apple Wallet. */
  applePass(bookingId: string, ticketId: string, token: string): Promise<Blob> {
    return this.file(pathOf(endpoints.getAppleWalletPass.path, { bookingId, ticketId }), bearer(token));
  }

  /** The link that saves a ticket to Google Wallet. */
  async googleWalletUrl(bookingId: string, ticketId: string, token: string): Promise<string> {
    const params = { bookingId, ticketId };
    return (await this.call(endpoints.getGoogleWalletLink, params, { headers: bearer(token) })).url;
  }

  /** Where a booking's mails go. */
  setContact(bookingId: string, email: string | null, token: string): Promise<BookingContact> {
    return this.call(endpoints.setBookingContact, { bookingId }, { body: { email }, headers: bearer(token) });
  }

  /** The lines, each call with the session's token. */
  lines(withToken: WithToken): Lines {
    return {
      join: (showId, wish, { key = randomKey() } = {}) =>
        withToken((token) => {
          const headers = { ...bearer(token), 'idempotency-key': key };
          return this.call(endpoints.joinQueue, { showId }, { body: wish, headers });
        }),
      read: (showId, { wait, ahead, signal } = {}) =>
        withToken((token) => {
          const carried = { query: { wait, ahead }, headers: bearer(token), signal, heldMs: (wait ?? 0) * 1000 };
          return this.call(endpoints.getQueue, { showId }, carried);
        }),
      readOutcome: (showId, { wait, ahead, signal } = {}) =>
        withToken((token) => {
          const query = { wait, ahead, outcome: 'true' };
          const carried = { query, headers: bearer(token), signal, heldMs: (wait ?? 0) * 1000 };
          const { requestedAnswer: answer, ...endpoint } = endpoints.getQueue;
          return this.call({ ...endpoint, answer }, { showId }, carried);
        }),
      leave: async (showId) => {
        await withToken((token) => this.call(endpoints.leaveQueue, { showId }, { headers: bearer(token) }));
      },
    };
  }

  /** What gates do, each call with the API key. */
  checkIns(): CheckIns {
    const { apiKey } = this.options;
    const keyed: Record<string, string> = apiKey === undefined ? {} : { 'x-api-key': apiKey };
    return {
      checkIn: (body, { key, signal } = {}) => {
        const headers = { ...keyed, ...(key !== undefined && { 'idempotency-key': key }) };
        return this.call(endpoints.checkIn, {}, { body, headers, signal });
      },
      // Long ones come by a slow line: a check-in is waited for by somebody at the door, these are not.
      list: (showId) => this.call(endpoints.getGateList, {}, { query: { showId }, headers: keyed, heldMs: longMs }),
      handIn: async (checkIns) => {
        const answer = await this.call(
          endpoints.handInCheckIns,
          {},
          { body: { checkIns }, headers: keyed, heldMs: longMs },
        );
        return answer.items;
      },
    };
  }

  /** Web Push, each call with the session's token. */
  push(withToken: WithToken): Push {
    const tell = (endpoint: Address, body: unknown): Promise<void> =>
      withToken(async (token) => void (await this.send(endpoint, {}, { body, headers: bearer(token) })));
    return {
      key: async () => (await this.call(endpoints.getPushKey, {})).publicKey,
      subscribe: (subscription) => tell(endpoints.subscribePush, subscription),
      unsubscribe: (subscription) => tell(endpoints.unsubscribePush, subscription),
    };
  }

  /** The catalog's reads. They carry no header of ours, so that caches on the way may answer them. */
  catalog(): Catalog {
    return {
      cities: (query = {}) => this.call(endpoints.listCities, {}, { query: { ...query } }),
      city: (cityId) => this.call(endpoints.getCity, { cityId }),
      search: (query, signal) => this.call(endpoints.searchMovies, {}, { query: { ...query }, signal }),
      cinemas: (cityId, query = {}) => this.call(endpoints.listCinemasOfCity, { cityId }, { query: { ...query } }),
      movies: (cityId, query = {}) => this.call(endpoints.listMoviesOfCity, { cityId }, { query: { ...query } }),
      movie: (movieId) => this.call(endpoints.getMovie, { movieId }),
      movieShowtimes: (movieId, query) =>
        this.call(endpoints.listShowtimesOfMovie, { movieId }, { query: { ...query } }),
      cinema: (cinemaId) => this.call(endpoints.getCinema, { cinemaId }),
      cinemaShowtimes: (cinemaId, query = {}) =>
        this.call(endpoints.listShowtimesOfCinema, { cinemaId }, { query: { ...query } }),
      show: (showId) => this.call(endpoints.getShow, { showId }),
      layout: (showId) => this.call(endpoints.getLayout, { showId }),
      seats: (showId) => this.call(endpoints.getSeats, { showId }),
    };
  }

  private async call<T>(endpoint: Callable<T>, params: Values, carried: Carried = {}): Promise<T> {
    const body = await this.send(endpoint, params, carried, endpoint.otherAnswers);
    try {
      return endpoint.answer.parse(body);
    } catch (error) {
      throw UsherError.network(`${this.options.base} did not answer as Usher does`, error);
    }
  }

  private async send(
    { path, method }: Address,
    params: Values,
    carried: Carried,
    otherAnswers: Readonly<Record<number, unknown>> = {},
  ): Promise<unknown> {
    const url = this.options.base + pathOf(path, params) + queryOf(carried.query ?? {});
    const { ok, status, body } = await this.fetchJson(url, method.toUpperCase(), carried);
    const isAnswer = ok || (status in otherAnswers && !isErrorBody(body));
    if (!isAnswer) throw toUsherError(body);
    return body;
  }

  private file(pathAndQuery: string, headers: Record<string, string>): Promise<Blob> {
    return this.fetched(this.options.base + pathAndQuery, { headers }, async (response) => {
      if (!response.ok) throw toUsherError(await response.json());
      return response.blob();
    });
  }

  private fetchJson(url: string, method: string, carried: Carried): Promise<Answered> {
    const { headers = {}, body, signal, heldMs = 0 } = carried;
    const init: RequestInit = { method, headers, ...(signal && { signal }) };
    if (body !== undefined) {
      init.headers = { ...headers, 'content-type': 'application/json' };
      init.body = JSON.stringify(body);
    }
    const read = async (response: Response) => {
      const text = await response.text();
      return { ok: response.ok, status: response.status, body: text === '' ? null : JSON.parse(text) };
    };
    return this.fetched(url, init, read, heldMs);
  }

  private async fetched<T>(
    url: string,
    init: RequestInit,
    read: (response: Response) => Promise<T>,
    heldMs = 0,
  ): Promise<T> {
    const timeoutMs = this.options.timeoutMs + heldMs;
    const late = AbortSignal.timeout(timeoutMs);
    const signal = init.signal ? AbortSignal.any([late, init.signal]) : late;
    const sentAt = performance.now();
    try {
      const response = await fetch(url, { ...init, signal });
      const date = new Headers(init.headers).has('authorization') ? response.headers.get('date') : null;
      if (date !== null) this.options.dated?.(date, sentAt);
      if (response.headers.has(renewalHeader)) this.options.renewalDue?.();
      return await read(response);
    } catch (error) {
      if (error instanceof UsherError) throw error;
      if (late.aborted) throw UsherError.timeout(`No answer within ${timeoutMs} ms`);
      // Out of reach, or given up; or a proxy, a sign-in page, anything but JSON.
      throw UsherError.network('The server could not be reached', error);
    }
  }
}

/** Added to the usual time limit for what is large. */
const longMs = 20_000;

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

/** Fills `/v1/cities/{cityId}`. */
export function pathOf(path: string, params: Values): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(params[name])));
}

/** `?a=1&b=2`, without what is undefined; nothing when all is. */
export function queryOf(values: Values): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) given.set(name, String(value));
  }
  const text = given.toString();
  return text === '' ? '' : `?${text}`;
}
