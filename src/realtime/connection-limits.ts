import type { IncomingMessage } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { clientAddress } from './client-address.js';
import { Overload } from './overload.js';

/** Decides whether a new connection is taken, and counts those of each address. */
@Injectable()
export class ConnectionLimits {
  private readonly counts = new Map<string, number>();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly overload: Overload,
  ) {}

  /** Whether a connection may be made. Who is refused here is tried again by every Socket.IO client, after a pause. */
  allows(request: IncomingMessage): boolean {
    if (this.overload.refusal()) return false;
    return (this.counts.get(this.addressOf(request)) ?? 0) < this.config.socketsPerAddressMax;
  }

  /** A connection was made. @returns to be called when it has ended */
  opened(request: IncomingMessage): () => void {
    const address = this.addressOf(request);
    this.counts.set(address, (this.counts.get(address) ?? 0) + 1);
    return () => {
      const left = (this.counts.get(address) ?? 0) - 1;
      if (left > 0) this.counts.set(address, left);
      else this.counts.delete(address);
    };
  }

  private addressOf(request: IncomingMessage): string {
    return clientAddress(request, this.config.proxies);
  }
}
