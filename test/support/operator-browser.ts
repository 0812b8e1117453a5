import { OperatorStatus } from '@usher/contract';
import { readJson } from './contract-shapes.js';

/** The last answer of a chain of redirects. */
export interface PageAnswer {
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** A request of a script. */
interface ScriptRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * An HTTP client with cookies that follows redirects and fills in the forms of the identity provider, as a browser does.
 * It keeps the cookies of each origin apart.
 */
export class OperatorBrowser {
  private readonly cookies = new Map<string, Map<string, string>>();

  /** @param serviceUrl the address of the service, which the browser sends as `Origin` */
  constructor(readonly serviceUrl: string) {}

  /** Signs in at the identity provider. Returns the last answer, which is that of `returnTo` if the sign-in succeeds. */
  async signIn(login: string, returnTo = '/v1/operators/me'): Promise<PageAnswer> {
    const form = await this.open(`${this.serviceUrl}/v1/operators/sign-in?returnTo=${encodeURIComponent(returnTo)}`);
    return this.open(await this.confirm(form, login));
  }

  /** Fills in the forms of the identity provider. Returns the address to which it sends the browser back. */
  async confirm(form: PageAnswer, login: string): Promise<string> {
    let page = form;
    for (let step = 0; step < 3; step++) {
      const [, action] = /<form[^>]* action="([^"]+)"/.exec(page.text) ?? [];
      const [, prompt] = /name="prompt" value="([^"]+)"/.exec(page.text) ?? [];
      if (action === undefined || prompt === undefined) throw new Error(`no form at ${page.url}: ${page.text}`);
      const body = new URLSearchParams({ prompt, ...(prompt === 'login' && { login, password: 'any' }) });
      const answer = await this.follow(new URL(action, page.url).href, { method: 'POST', body });
      if (typeof answer === 'string') return answer;
      page = answer;
    }
    throw new Error(`the identity provider still asks at ${page.url}`);
  }

  /** Opens a page and follows all redirects. */
  async open(url: string): Promise<PageAnswer> {
    let next = url;
    for (let hop = 0; hop < 10; hop++) {
      const answer = await this.request(next);
      const location = answer.headers.get('location');
      if (answer.status < 300 || answer.status > 399 || location === null) return answer;
      next = new URL(location, next).href;
    }
    throw new Error(`too many redirects from ${url}`);
  }

  /** Calls the service as a script of its own page does. @param init further headers can replace the `Origin` */
  call(path: string, init: ScriptRequest = {}, url = this.serviceUrl) {
    return this.request(url + path, { ...init, headers: { origin: this.serviceUrl, ...init.headers } });
  }

  async status(): Promise<OperatorStatus> {
    const answer = await this.call('/v1/operators/me');
    return readJson(OperatorStatus, new Response(answer.text, { status: answer.status, headers: answer.headers }));
  }

  /** The header `Cookie` for the service. */
  get cookieHeader(): string {
    return this.headerFor(this.serviceUrl);
  }

  /** Sets or deletes a cookie of the service. */
  setCookie(name: string, value: string | null): void {
    const jar = this.jarOf(this.serviceUrl);
    if (value === null) jar.delete(name);
    else jar.set(name, value);
  }

  /** Follows redirects within the identity provider. Returns the address of the service at which the redirects leave it. */
  private async follow(url: string, init: RequestInit): Promise<PageAnswer | string> {
    let answer = await this.request(url, init);
    for (;;) {
      const location = answer.headers.get('location');
      if (location === null) return answer;
      const next = new URL(location, answer.url).href;
      if (next.startsWith(this.serviceUrl)) return next;
      answer = await this.request(next);
    }
  }

  private async request(url: string, init: RequestInit = {}): Promise<PageAnswer> {
    const cookie = this.headerFor(url);
    const headers = {
      ...(cookie !== '' && { cookie }),
      accept: '*/*',
      ...Object.fromEntries(new Headers(init.headers)),
    };
    const answer = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of answer.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split('; ');
      const [name, value] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
      const isExpired = attributes.some((one) => /^expires=/i.test(one) && Date.parse(one.slice(8)) < Date.now());
      if (isExpired) this.jarOf(url).delete(name);
      else this.jarOf(url).set(name, value);
    }
    return { url, status: answer.status, headers: answer.headers, text: await answer.text() };
  }

  private headerFor(url: string): string {
    return [...this.jarOf(url)].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  private jarOf(url: string): Map<string, string> {
    const { origin } = new URL(url);
    const jar = this.cookies.get(origin) ?? new Map<string, string>();
    this.cookies.set(origin, jar);
    return jar;
  }
}
