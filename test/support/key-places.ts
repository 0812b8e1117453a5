import { beforeAll } from '@jest/globals';
import type { ApiKeyBody, ApiKeyMade, Booking } from '@usher/contract';
import { makeKey } from './api-keys.js';
import { book } from './book-seats.js';
import type { FileApp } from './file-app.js';
import { RestCaller } from './rest.js';
import { makeShow } from './show.js';

/** A show with its hall, its cinema and a paid booking. */
export interface KeyPlace {
  readonly showId: number;
  readonly hallId: number;
  readonly cinemaId: number;
  readonly booking: Booking;
}

/** Two cinemas, each with a show. Tests limit API keys to `own` and try to use them in `foreign`. */
export class KeyPlaces {
  private made: {
    readonly buyer: RestCaller;
    readonly own: KeyPlace;
    readonly foreign: KeyPlace;
  } | null = null;

  constructor(private readonly app: FileApp) {}

  get own(): KeyPlace {
    return this.fixtures.own;
  }

  get foreign(): KeyPlace {
    return this.fixtures.foreign;
  }

  /** The session that has all bookings. */
  get buyer(): RestCaller {
    return this.fixtures.buyer;
  }

  async prepare(): Promise<void> {
    const buyer = await RestCaller.begin(this.app.url);
    this.made = { buyer, own: await this.makePlace(buyer), foreign: await this.makePlace(buyer) };
  }

  /** Creates a key that is limited to the cinema `own`. */
  readonly makeOwnKey = (body: Partial<ApiKeyBody>): Promise<ApiKeyMade> =>
    makeKey(this.app.url, { cinemaIds: [this.own.cinemaId], ...body });

  /** Makes a call of the buyer's session with an API key. */
  readonly call = (method: string, path: string, key: string, body?: unknown) =>
    this.buyer.call(method, path, body, { 'x-api-key': key });

  /** Makes a call without a session. */
  readonly callByKey = async (method: string, path: string, key: string, body?: unknown) => {
    const answer = await fetch(this.app.url + path, {
      method,
      headers: { 'x-api-key': key, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    const isJson = /json/.test(answer.headers.get('content-type') ?? '');
    const parsed: Record<string, unknown> = isJson && text !== '' ? JSON.parse(text) : {};
    return { status: answer.status, body: parsed };
  };

  /** Creates another cinema, for a test that changes it. */
  async makePlace(buyer = this.buyer): Promise<KeyPlace> {
    const showId = await makeShow(this.app.pool, { startsAt: new Date(Date.now() + 30 * 60 * 1000) });
    const { rows } = await this.app.pool.query<{ hallId: number; cinemaId: number }>(
      `select hall.id as "hallId", hall.cinema_id as "cinemaId" from show join hall on hall.id = show.hall_id
       where show.id = $1`,
      [showId],
    );
    return { showId, ...rows[0]!, booking: await book(this.app.pool, buyer, showId, [0, 1]) };
  }

  private get fixtures() {
    if (!this.made) throw new Error('the cinemas do not exist yet; use them in tests or later hooks');
    return this.made;
  }
}

/** Creates the two cinemas before the first test of a file. */
export function setUpKeyPlaces(app: FileApp): KeyPlaces {
  const places = new KeyPlaces(app);
  beforeAll(() => places.prepare());
  return places;
}
