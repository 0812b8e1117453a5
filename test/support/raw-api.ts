import { beforeAll } from '@jest/globals';
import { type Endpoint, endpoints } from '@usher/contract';
import { adminKey } from './api-keys.js';
import { type FileApp, setUpApp } from './file-app.js';
import { RestCaller } from './rest.js';

interface RawRequest {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: Uint8Array<ArrayBuffer>;
}

/** A valid id for paths. No row of the database has this id. */
export const unknownUuid = '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071';

/** All endpoints of the REST API by name. */
export const allEndpoints: readonly [name: string, endpoint: Endpoint][] = Object.entries(endpoints);

/** Returns the path of an endpoint with an example value for each parameter. */
export const fillPath = ({ path }: Endpoint): string =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    /^(city|cinema|movie|show|hall)Id$/.test(name) ? '1' : name === 'provider' ? 'sandbox' : unknownUuid,
  );

export const encode = (text: string) => new TextEncoder().encode(text);

/** A service for requests whose headers and bytes a test controls. */
export class RawApi {
  private caller: RestCaller | null = null;

  constructor(readonly app: FileApp) {}

  async beginSession(): Promise<void> {
    this.caller = await RestCaller.begin(this.app.url);
  }

  /** Returns the headers with a session token and the administrator's key. */
  readonly makeCredentials = () => ({
    authorization: `Bearer ${this.caller!.session.token}`,
    'x-api-key': adminKey,
  });

  /** Sends a request with exactly these headers. The body is bytes, because `fetch` adds no Content-Type to bytes. */
  readonly call = async ({ path, method = 'GET', headers = {}, body }: RawRequest) => {
    const answer = await fetch(this.app.url + path, { method, headers, redirect: 'manual', ...(body && { body }) });
    const text = await answer.text();
    const type = answer.headers.get('content-type') ?? '';
    return {
      status: answer.status,
      headers: answer.headers,
      type,
      text,
      body: type.includes('json') && text !== '' ? JSON.parse(text) : {},
    };
  };
}

/** Starts a service for raw requests before the first test of a file. */
export function setUpRawApi(): RawApi {
  const api = new RawApi(setUpApp({ env: { ADMIN_API_KEY: adminKey } }));
  beforeAll(() => api.beginSession());
  return api;
}
