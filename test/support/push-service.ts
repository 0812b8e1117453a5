import { createECDH, type ECDH, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import https from 'node:https';
import { buffer } from 'node:stream/consumers';
import { PushPayload, type PushSubscription } from '@usher/contract';
import ece from 'http_ece';
import { importJWK, type JWTPayload, jwtVerify } from 'jose';
import { generate } from 'selfsigned';
import { trustCertificates } from './service-host/start-test-service.js';
import { ChangeSignal, waitForValue } from './wait-for-value.js';

/** Maximum time that a test waits for a message. */
const deadlineMs = 15_000;

/** An answer of the push service. With `hang`, the service never answers. */
export type PushAnswer = { status: number; headers?: Record<string, string>; body?: string } | 'hang';

/** A push message as a browser sees it: decrypted, and with a verified sender token. */
export interface PushedMessage {
  readonly payload: PushPayload;
  readonly headers: IncomingMessage['headers'];
  readonly token: JWTPayload;
  /** The VAPID key that verified the token, base64url. */
  readonly publicKey: string;
  readonly at: number;
}

/** A browser with a push subscription. Only this browser can decrypt the messages that are pushed to it. */
export class TestBrowser {
  /** All received messages in order, including those that the push service refused. */
  readonly received: PushedMessage[] = [];
  /** The answers to the next messages, one per message. Later messages are answered with 201. */
  answers: PushAnswer[] = [];
  readonly subscription: PushSubscription;
  private readonly keys: ECDH = createECDH('prime256v1');
  private readonly auth = randomBytes(16).toString('base64url');
  private readonly arrivals = new ChangeSignal();
  private readError: unknown = null;

  constructor(readonly endpoint: string) {
    const p256dh = this.keys.generateKeys('base64url');
    this.subscription = { endpoint, expirationTime: null, keys: { p256dh, auth: this.auth } };
  }

  /**
   * Waits until the browser has received `count` messages.
   *
   * @throws if a message cannot be read, or after the deadline
   */
  waitForMessages(count: number): Promise<PushedMessage[]> {
    const read = () => {
      if (this.readError !== null) throw this.readError;
      return this.received.length < count ? undefined : this.received;
    };
    return waitForValue(read, {
      subscribe: this.arrivals.subscribe,
      deadlineMs,
      describe: () => `${this.received.length} of ${count} messages`,
    });
  }

  /** Receives a message. @param origin the push service's origin, which must be the token's audience */
  async receive(request: IncomingMessage, origin: string): Promise<void> {
    try {
      this.received.push(await this.read(request, origin));
    } catch (error) {
      this.readError = error;
    }
    this.arrivals.notify();
  }

  private async read(request: IncomingMessage, origin: string): Promise<PushedMessage> {
    const at = performance.now();
    const { headers } = request;
    const body = await buffer(request);
    const plain = ece.decrypt(body, { version: 'aes128gcm', privateKey: this.keys, authSecret: this.auth });
    const [, jwt = '', publicKey = ''] = /^vapid t=([^,]+), k=([\w-]+)$/.exec(headers.authorization ?? '') ?? [];
    const point = Buffer.from(publicKey, 'base64url');
    const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString('base64url'));
    const key = await importJWK({ kty: 'EC', crv: 'P-256', x: x!, y: y! }, 'ES256');
    const { payload: token } = await jwtVerify(jwt, key, { algorithms: ['ES256'], audience: origin });
    return { payload: PushPayload.parse(JSON.parse(plain.toString())), headers, token, publicKey, at };
  }
}

/**
 * A local push service with its own certificate. The services of this Jest worker trust the certificate until the push
 * service is closed.
 */
export class TestPushService {
  /** Number of connections so far, with or without a request. */
  connectionCount = 0;
  private readonly browsers = new Map<string, TestBrowser>();

  private constructor(
    private readonly server: https.Server,
    /** The certificate of the server as PEM. */
    readonly certificate: string,
  ) {
    server.on('connection', () => this.connectionCount++);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => void this.answer(request, response));
  }

  static async start(): Promise<TestPushService> {
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
      keyType: 'ec',
      algorithm: 'sha256',
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
    });
    await trustCertificates(cert);
    const server = https.createServer({ key, cert }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TestPushService(server, cert);
  }

  get origin(): string {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('the push service does not listen');
    return `https://localhost:${address.port}`;
  }

  browser(): TestBrowser {
    const browser = new TestBrowser(`${this.origin}/push/${randomBytes(12).toString('base64url')}`);
    this.browsers.set(new URL(browser.endpoint).pathname, browser);
    return browser;
  }

  async close(): Promise<void> {
    await trustCertificates();
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const browser = this.browsers.get(request.url ?? '');
    await browser?.receive(request, this.origin);
    const answer = browser ? (browser.answers.shift() ?? { status: 201 }) : { status: 404 };
    if (answer !== 'hang') response.writeHead(answer.status, answer.headers).end(answer.body);
  }
}
