import { Cinema, City, Hall, Movie, Show } from '@usher/contract';
import type { z } from 'zod';
import { adminKey } from './api-keys.js';
import { validate } from './contract-shapes.js';
import { RestCaller, type RestAnswer } from './rest.js';

/** The type of object that an administrator creates with each path. */
interface Created {
  '/cities': City;
  '/cinemas': Cinema;
  '/halls': Hall;
  '/movies': Movie;
  '/shows': Show;
}

const schemas: { readonly [P in keyof Created]: z.ZodType<Created[P]> } = {
  '/cities': City,
  '/cinemas': Cinema,
  '/halls': Hall,
  '/movies': Movie,
  '/shows': Show,
};

/** Returns the text of a layout with one row of seats. Seats drawn as `S` have the tier `premium`. */
export const rowOf = (drawing: string): string => `seat S premium\nstage Screen\nA ${drawing}`;

/** Returns a time on 1 May 2031 in UTC. */
export const hourOfDay = (hours: number, minutes = 0): string =>
  new Date(Date.UTC(2031, 4, 1, hours, minutes)).toISOString();

/** An administrator who calls the REST API with {@link adminKey}. */
export class Admin {
  private caller: Promise<RestCaller> | null = null;

  /** @param url returns the service's address; called only at the first request, after the service has started */
  constructor(private readonly url: () => string) {}

  async call(method: string, path: string, body?: unknown): Promise<RestAnswer> {
    this.caller ??= RestCaller.begin(this.url());
    return (await this.caller).call(method, `/v1/admin${path}`, body, { 'x-api-key': adminKey });
  }

  /** Creates an object of the catalog. @throws Error if the service refuses */
  async make<P extends keyof Created>(path: P, body: unknown): Promise<Created[P]> {
    const answer = await this.call('POST', path, body);
    if (answer.status !== 201) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return validate(schemas[path], answer.body);
  }

  /** Creates a hall in a new cinema of a new city. */
  async hall(text: string, timeZone = 'Europe/Berlin'): Promise<Hall> {
    const city = { name: 'Testville', country: 'DE', timeZone, lat: 52.5, lon: 13.4 };
    const { cityId } = await this.make('/cities', city);
    const place = { cityId, name: 'The Test', address: 'Street 1', postalCode: '10115', lat: 52.5, lon: 13.4 };
    const { cinemaId } = await this.make('/cinemas', place);
    return this.make('/halls', { cinemaId, name: 'Hall 1', layout: { text } });
  }

  async movie(durationMinutes = 90): Promise<number> {
    const { movieId } = await this.make('/movies', { title: 'A Test', durationMinutes });
    return movieId;
  }

  /** Creates a show in a hall of one row. Seats drawn as `S` are premium and cost 1200, the others cost 900. */
  showInRow(drawing: string, other: object = {}): Promise<Show> {
    const prices = { standard: 900, ...(drawing.includes('S') && { premium: 1200 }) };
    return this.show(rowOf(drawing), prices, other);
  }

  /** Creates a show in a new hall. By default, the show starts tomorrow and is sold in euros. */
  async show(text: string, prices: Record<string, number>, other: object = {}): Promise<Show> {
    const [{ hallId }, movieId] = [await this.hall(text), await this.movie()];
    const startsAt = new Date(Date.now() + 24 * 60 * 60 * 1000).toISOString();
    return this.make('/shows', { movieId, hallId, startsAt, currency: 'EUR', prices, ...other });
  }
}
