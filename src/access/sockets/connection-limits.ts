import type { IncomingMessage } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import type { ErrorBody } from '@usher/contract';
import { createBoundedCache } from '../../common/bounded-cache.js';
import { limiterKeysMax } from '../../common/memory-limiter.js';
import { OpenCounter } from '../../common/open-counter.js';
import { CONFIG, type Config } from '../../config/config.js';
import { AddressPackets, ConnectionPolicy } from '../../realtime/index.js';
import { clientAddress } from '../../transport/client-address.js';
import { isSocketOriginAllowed } from '../../transport/cross-origin.js';
import { CallLimits } from '../limits/call-limits.service.js';
import { Overload } from '../overload/overload.js';

/**
 * Limits the open connections and the packets of each address, and refuses connections from pages of forbidden origins.
 * Refuses new connections and events while the node is overloaded.
 */
@Injectable()
export class ConnectionLimits extends ConnectionPolicy {
  private readonly sockets = new OpenCounter();
  private readonly packetsByAddress = createBoundedCache<string, AddressPackets>(limiterKeysMax);

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly overload: Overload,
    private readonly limits: CallLimits,
  ) {
    super();
  }

  override async accepts(request: IncomingMessage): Promise<boolean> {
    if (!isSocketOriginAllowed(request, this.config) || this.overload.refusal()) return false;
    const address = this.addressOf(request);
    if (this.sockets.countOf(address) >= this.config.socketsPerAddressMax) return false;
    if (this.packetsByAddress.get(address)?.refusesConnections) return false;
    return this.limits.takesConnection(request);
  }

  override countOpen(request: IncomingMessage): () => void {
    return this.sockets.open(this.addressOf(request));
  }

  override isCrowded(request: IncomingMessage): boolean {
    return this.sockets.countOf(this.addressOf(request)) > this.config.challenge.socketsPerAddressFree;
  }

  override packetsOf(request: IncomingMessage): AddressPackets {
    const address = this.addressOf(request);
    const packets = this.packetsByAddress.get(address) ?? new AddressPackets(this.config.addressPacketsPerSecondMax);
    this.packetsByAddress.set(address, packets);
    return packets;
  }

  override refuseNewWork(): ErrorBody | null {
    return this.overload.refusal();
  }

  private addressOf(request: IncomingMessage): string {
    return clientAddress(request, this.config.proxyCount);
  }
}
