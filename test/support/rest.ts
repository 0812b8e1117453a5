import type { Session } from '@usher/contract';

/** One REST answer with its body as it came. */
export interface RestAnswer {
  readonly status: number;
  readonly headers: Headers;
  // Tests look into bodies of every shape, wrong ones among them.
  readonly body: Record<string, unknown> & { code?: string };
}

/** A caller of the REST API with a session of its own. */
export class RestCaller {
  /** @param session whose token is sent */
  constructor(
    private readonly url: string,
    readonly session: Session,
  ) {}

  static async begin(url: string): Promise<RestCaller> {
    const answer = await fetch(`${url}/v1/sessions`, { method: 'POST' });
    return new RestCaller(url, (await answer.json()) as Session);
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
