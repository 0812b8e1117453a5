import { IncomingMessage, type Server, ServerResponse, STATUS_CODES } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ErrorBody } from '@usher/contract';
import { createInvalidRequestError } from '../common/invalid-request.js';
import type { Config } from '../config/config.js';
import { createSecurityHeaders } from './security-headers.js';
import { sendError } from './send-error.js';

/**
 * Maximum size of a request's headers including its path. The service answers larger requests with 431. A session's
 * token has 300 bytes, and proxies add a few hundred bytes.
 */
const headerBytesMax = 8 * 1024;

/** Status and text of the answer to a request that Node's HTTP parser refuses, by the code of the parser's error. */
const parserFailures: ReadonlyMap<unknown, readonly [status: number, message: string]> = new Map([
  ['HPE_HEADER_OVERFLOW', [431, 'The path and the headers may have at most 8 KB.']],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', [413, 'The chunk extensions of the body are too large.']],
  ['ERR_HTTP_REQUEST_TIMEOUT', [408, 'The request did not arrive in time.']],
]);

/** The path at which Socket.IO accepts WebSockets. */
const socketPath = '/socket.io/';

/** Headers of a WebSocket handshake, as RFC 6455 defines them and the library `ws` checks them. */
const handshakeHeaders = {
  upgrade: /^websocket$/i,
  'sec-websocket-key': /^[+/0-9A-Za-z]{22}==$/,
  'sec-websocket-version': /^(8|13)$/,
} as const;

/** A list of protocols. `ws` refuses other values. */
const protocolList = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}(,\s?[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}){0,9}$/;

/** The events of Engine.IO's server that this file uses. */
interface UpgradeServer {
  on(event: 'connection_error', listener: (refusal: { req: IncomingMessage; message: string }) => void): unknown;
}

/**
 * Answers requests that never reach the application, because Node's HTTP server or Engine.IO refuses them. Their own
 * answers have no security headers. The answers of this class have the headers of every other answer, and an error of the
 * contract as their body. Each ends its connection.
 */
export class RawAnswers {
  private readonly setHeaders: ReturnType<typeof createSecurityHeaders>;
  private readonly upgrades = new WeakSet<IncomingMessage>();

  constructor(config: Pick<Config, 'publicUrl'>) {
    this.setHeaders = createSecurityHeaders(config);
  }

  /** Limits the headers of a server, and answers what the server refuses. Call this after Engine.IO is attached. */
  install(server: Server): void {
    // `requireHost` checks the header instead.
    Object.assign(server, { maxHeaderSize: headerBytesMax, requireHostHeader: false });
    const unfinished = new WeakMap<Duplex, readonly ServerResponse[]>();
    const unfinishedOn = (socket: Duplex) =>
      (unfinished.get(socket) ?? []).filter(({ writableFinished }) => !writableFinished);
    server.prependListener('request', ({ socket }, response) => {
      unfinished.set(socket, [...unfinishedOn(socket), response]);
    });
    server.on('clientError', (error, socket) => {
      const code = 'code' in error ? error.code : null;
      const failure = parserFailures.get(code) ?? (String(code).startsWith('HPE_') ? malformed : null);
      // A client would take a second answer for the rest of the first.
      const hasBegun = unfinishedOn(socket).some(({ headersSent }) => headersSent);
      if (failure === null || hasBegun) socket.destroy();
      else this.write(socket, ...failure);
    });
    server.on('checkExpectation', (request, response) => {
      this.setHeaders(request, response, () => undefined);
      endWithError(response, createBody(417, 'The header Expect may only contain 100-continue.'));
    });
  }

  /**
   * Lets a server upgrade only handshakes of WebSockets. All other requests with the header `Upgrade` get the answer that
   * they would get without it. Answers the upgrades that Engine.IO refuses.
   */
  installUpgrades(server: Server, engine: UpgradeServer): void {
    Object.assign(server, { shouldUpgradeCallback: isSocketHandshake });
    server.prependListener('upgrade', (request) => this.upgrades.add(request));
    engine.on('connection_error', ({ req, message }) => {
      // Engine.IO answers a long poll itself. After a finished upgrade, the connection does not speak HTTP.
      if (this.upgrades.has(req) && !('websocket' in req)) this.write(req.socket, 400, `${message}.`);
    });
  }

  private write(socket: Duplex, status: number, message: string): void {
    if (!socket.writable) {
      socket.destroy();
      return;
    }
    const body = Buffer.from(JSON.stringify(createBody(status, message)));
    const response = new ServerResponse(new IncomingMessage(new Socket()));
    this.setHeaders(response.req, response, () => undefined);
    response.setHeader('Content-Type', 'application/problem+json; charset=utf-8');
    response.setHeader('Content-Length', body.length);
    response.setHeader('Date', new Date().toUTCString());
    response.setHeader('Connection', 'close');
    const headers = Object.entries(response.getHeaders()).map(([name, value]) => `${name}: ${String(value)}\r\n`);
    const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${headers.join('')}\r\n`;
    socket.end(Buffer.concat([Buffer.from(head), body]), () => socket.destroy());
  }
}

const malformed = [400, 'The request is not valid HTTP.'] as const;

/** The middleware that refuses a request without the header `Host`, as HTTP/1.1 demands. */
export function requireHost(
  request: Pick<IncomingMessage, 'headers' | 'httpVersion'>,
  response: ServerResponse,
  next: () => void,
): void {
  if (request.httpVersion !== '1.1' || request.headers.host !== undefined) next();
  else endWithError(response, createBody(400, 'The header Host is missing.'));
}

/** Answers with an error and ends the connection, because nobody reads the rest of the request. */
function endWithError(response: ServerResponse, body: ErrorBody): void {
  response.setHeader('Connection', 'close');
  sendError(response, body);
}

const createBody = (status: number, message: string): ErrorBody => ({
  ...createInvalidRequestError([{ message }]).body,
  status,
});

function isSocketHandshake({ method, url = '', headers }: IncomingMessage): boolean {
  const protocols = headers['sec-websocket-protocol'];
  return (
    method === 'GET' &&
    url.startsWith(socketPath) &&
    headers.host !== undefined &&
    Object.entries(handshakeHeaders).every(([name, value]) => value.test(String(headers[name] ?? ''))) &&
    (protocols === undefined || protocolList.test(protocols))
  );
}
