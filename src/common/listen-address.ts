import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';

/**
 * Maximum time that a caller waits until the service listens. After a crash, the service resumes unfinished work as
 * soon as it starts, even before it listens.
 */
const listenTimeoutMs = 10_000;

/** The address on which this node listens, for parts of the service that call the node over HTTP. */
@Injectable()
export class ListenAddress {
  constructor(private readonly host: HttpAdapterHost) {}

  /**
   * Returns the URL, e.g. `http://127.0.0.1:3000`, once the service listens.
   *
   * @throws if the service does not listen within 10 s
   */
  async url(): Promise<string> {
    const server: Server = this.host.httpAdapter.getHttpServer();
    if (!server.listening) await once(server, 'listening', { signal: AbortSignal.timeout(listenTimeoutMs) });
    return formatHttpUrl(server.address());
  }
}

/** Returns the URL of a server that listens at this address. @throws if the server does not listen on a port */
export function formatHttpUrl(address: AddressInfo | string | null): string {
  if (address === null || typeof address === 'string') throw new Error('the service does not listen on a port');
  const isAny = address.address === '0.0.0.0' || address.address === '::';
  const host = isAny ? '127.0.0.1' : address.address;
  return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
}
