import type { IncomingMessage } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { clientAddress } from './client-address.js';
import { CallLimits } from './call-limits.service.js';
import { Overload } from '../overload/overload.js';

/** Decides whether a new connection is taken, and counts those of each address. */
@Injectable()
export class ConnectionLimits {
  private readonly counts = new Map<string, number>();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly overload: Overload,
    private readonly limits: CallLimits,
  ) {}

  /** Whether a connection may be made. Every Socket.IO client that is refused here tries again after a pause. */
  async allows(request: IncomingMessage): Promise<boolean> {
    if (this.overload.refusal()) return false;
    if ((this.counts.get(this.addressOf(request)) ?? 0) >= this.config.socketsPerAddressMax) return false;
    return this.limits.takesConnection(request);
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
