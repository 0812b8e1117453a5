import { Inject, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { FairCalls } from '../../common/fair-calls.js';
import { CONFIG, type Config } from '../../config/config.js';
import { clientAddress } from '../../transport/client-address.js';

/**
 * Bounds of expensive reads on one node: searches, listings and the proofs of lines. With two at once, a lane always finds a connection, and PostgreSQL has CPU
 * time for it. On 2 cores with PostgreSQL, ten at once raised the p50 of a reservation from 3 ms to 1.4 s.
 */
const catalogBounds = {
  runningMax: 2,
  waitingMax: 256,
  waitingPerOwnerMax: 64,
  subject: 'searches and lists',
  retryAfterMs: 1000,
};

/** Runs expensive reads of the catalog, only a few of them at once. The addresses of the callers take turns. */
@Injectable()
export class CallTurns {
  private readonly calls = new FairCalls(catalogBounds);

  constructor(@Inject(CONFIG) private readonly config: Config) {}

  /** Runs a read for a REST call. @throws DomainError `RATE_LIMITED` or `BUSY` */
  runFor<T>(request: Request, call: () => Promise<T>): Promise<T> {
    return this.run(clientAddress(request, this.config.proxyCount), call);
  }

  /** @param address the caller's address as `clientAddress` returns it. @throws DomainError `RATE_LIMITED` or `BUSY` */
  run<T>(address: string, call: () => Promise<T>): Promise<T> {
    return this.calls.run(address, call);
  }
}
