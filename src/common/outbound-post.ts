import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { publicLookup } from './public-hosts.js';

/**
 * Maximum number of bytes of a response body. The body is read and discarded. If it is longer, the connection is
 * closed.
 */
const bodyBytesMax = 64 * 1024;

/** Headers and body of a POST request. */
export interface OutboundMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
}

/**
 * Sends POST requests to URLs that outside parties chose. A hostile or silent server does no more harm than one failed
 * request.
 */
export class OutboundPost {
  private readonly http: HttpAgent;
  private readonly https: HttpsAgent;

  /** @param allowPrivateHosts whether hosts may have private addresses and URLs may use `http:` */
  constructor(private readonly allowPrivateHosts: boolean) {
    const options = { keepAlive: true, ...(allowPrivateHosts ? {} : { lookup: publicLookup }) };
    this.http = new HttpAgent(options);
    this.https = new HttpsAgent(options);
  }

  /**
   * Sends one POST request. Redirects are not followed, because a redirect could lead to a private host.
   *
   * @param signal aborts the request at any time, even during the DNS lookup
   * @returns the response's status and headers; its body is discarded
   */
  post(url: URL, { headers, body }: OutboundMessage, signal: AbortSignal): Promise<IncomingMessage> {
    const isPlain = url.protocol === 'http:';
    if (isPlain && !this.allowPrivateHosts) return Promise.reject(new TypeError('the URL must use https:'));
    return new Promise((resolve, reject) => {
      const onResponse = (response: IncomingMessage) => {
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > bodyBytesMax) response.destroy();
        });
        resolve(response);
      };
      const options = { method: 'POST', headers, signal };
      const request = isPlain
        ? httpRequest(url, { ...options, agent: this.http }, onResponse)
        : httpsRequest(url, { ...options, agent: this.https }, onResponse);
      // This listener is not removed when the response begins, because a later error without a listener would crash the
      // node.
      request.on('error', reject);
      request.end(body);
    });
  }

  close(): void {
    this.http.destroy();
    this.https.destroy();
  }
}

/**
 * Returns a short text that says why a request failed. Node's error messages contain the host, so only the error code
 * is used.
 */
export function failureCode(error: unknown): string {
  if (!(error instanceof Error)) return 'UNKNOWN';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
