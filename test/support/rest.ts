import { Session } from '@usher/contract';
import { readJson } from './contract-shapes.js';

/** A REST answer with its parsed body. */
export interface RestAnswer {
  readonly status: number;
  readonly headers: Headers;
  // The type is loose, because tests also inspect bodies with a wrong shape.
  readonly body: Record<string, unknown> & { code?: string };
}

/** A caller of the REST API with its own session. */
export class RestCaller {
  /** @param session the session whose token the caller sends */
  constructor(
    private readonly url: string,
    readonly session: Session,
  ) {}

  static async begin(url: string): Promise<RestCaller> {
    const answer = await fetch(`${url}/v1/sessions`, { method: 'POST' });
    return new RestCaller(url, await readJson(Session, answer));
  }

  async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<RestAnswer> {
    const answer = await fetch(this.url + path, {
      method,
      headers: {
        authorization: `Bearer ${this.session.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: text === '' ? {} : JSON.parse(text) };
  }
}
