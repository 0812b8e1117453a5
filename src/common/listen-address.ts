import { once } from 'node:events';
import type { Server } from 'node:http';
import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';

/** What there is to do after a crash is looked for as soon as the service starts, which is before it listens. */
const listeningMsMax = 10_000;

/** Where this node listens, for what it calls itself over HTTP. */
@Injectable()
export class ListenAddress {
  constructor(private readonly host: HttpAdapterHost) {}

  /** E.g. `http://127.0.0.1:3000`, as soon as the service listens. @throws when it does not in time */
  async url(): Promise<string> {
    const server: Server = this.host.httpAdapter.getHttpServer();
    if (!server.listening) await once(server, 'listening', { signal: AbortSignal.timeout(listeningMsMax) });
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the service does not listen on a port');
    const isAny = address.address === '0.0.0.0' || address.address === '::';
    const host = isAny ? '127.0.0.1' : address.address;
    return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
  }
}
