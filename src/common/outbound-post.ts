import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { publicLookup } from './public-hosts.js';

/** An answer's body is for nobody; a server that sends more than this of it is hung up on. */
const bodyBytesMax = 64 * 1024;

/** What is posted. */
export interface OutboundMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
}

/** Posts to addresses that others have named: nothing that they answer, or do not, costs more than one try. */
export class OutboundPost {
  private readonly http: HttpAgent;
  private readonly https: HttpsAgent;

  /** @param privateHosts whether names may lead to addresses that are not public, and `http:` is spoken */
  constructor(private readonly privateHosts: boolean) {
    const options = { keepAlive: true, ...(privateHosts ? {} : { lookup: publicLookup }) };
    this.http = new HttpAgent(options);
    this.https = new HttpsAgent(options);
  }

  /**
   * Posts once and follows no redirect, which could lead anywhere.
   *
   * @param signal ends the try, from the look-up of the name on
   * @returns the answer's head; its body is thrown away
   */
  post(url: URL, { headers, body }: OutboundMessage, signal: AbortSignal): Promise<IncomingMessage> {
    const isPlain = url.protocol === 'http:';
    if (isPlain && !this.privateHosts) return Promise.reject(new TypeError('only https is spoken to the outside'));
    return new Promise((resolve, reject) => {
      const answered = (answer: IncomingMessage) => {
        let bytes = 0;
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > bodyBytesMax) answer.destroy();
        });
        resolve(answer);
      };
      const options = { method: 'POST', headers, signal };
      const call = isPlain
        ? httpRequest(url, { ...options, agent: this.http }, answered)
        : httpsRequest(url, { ...options, agent: this.https }, answered);
      // Stays: what breaks after the answer's head, which is all that counts, comes here too.
      call.on('error', reject);
      call.end(body);
    });
  }

  close(): void {
    this.http.destroy();
    this.https.destroy();
  }
}

/** What a failed try is called: only the code, as a message of Node's names the host. */
export function failureCode(error: unknown): string {
  if (!(error instanceof Error)) return 'UNKNOWN';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
