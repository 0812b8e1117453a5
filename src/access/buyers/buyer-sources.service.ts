import { createHmac } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { createBoundedCache } from '../../common/bounded-cache.js';
import { CONFIG, type Config } from '../../config/config.js';
import type { UsherSocket } from '../../realtime/index.js';
import { clientAddress } from '../../transport/client-address.js';
import type { KeyHolder } from '../api-keys/api-keys.service.js';
import { hasPermission } from '../api-keys/permissions.js';
import { CallerChecks } from '../callers/caller-checks.service.js';
import { sessionIdOf } from '../sessions/session.guard.js';
import { SocketKeys } from '../sockets/socket-keys.service.js';
import type { Buyer } from './buyer.js';
import { SourceKeys } from './source-keys.service.js';

/** Maximum number of addresses whose sources a node remembers. */
const sourcesMax = 50_000;

/** Tells for which buyer a call is made, and from which source it comes. */
@Injectable()
export class BuyerSources {
  /** The sources of addresses, by the key of the day and the address. Computing one takes 3 µs. */
  private readonly sources = createBoundedCache<string, { readonly source: string }>(sourcesMax);

  /** The buyer of each socket, with the key of the day on which it was determined. */
  private readonly socketBuyers = new WeakMap<UsherSocket, { readonly key: string; readonly buyer: Buyer }>();

  constructor(
    private readonly keys: SourceKeys,
    private readonly callerChecks: CallerChecks,
    private readonly socketKeys: SocketKeys,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Returns the buyer of a REST call that `SessionGuard` admitted. */
  async ofRequest(request: Request): Promise<Buyer> {
    const holder = await this.callerChecks.holderOfCall(request);
    return this.of(sessionIdOf(request), clientAddress(request, this.config.proxyCount), holder);
  }

  /** Returns the buyer of a socket's call. */
  ofSocket(socket: UsherSocket): Buyer {
    const key = this.keys.current;
    const known = this.socketBuyers.get(socket);
    if (known?.key === key) return known.buyer;
    const address = clientAddress(socket.request, this.config.proxyCount);
    const buyer = this.of(socket.data.sessionId, address, this.socketKeys.holderOf(socket));
    this.socketBuyers.set(socket, { key, buyer });
    return buyer;
  }

  /**
   * Returns the buyer of a call.
   *
   * @param address the caller's address as `clientAddress` returns it
   * @param holder the holder of the API key with which the call came, or the operator for whom it acts, or null. Only
   *   holders who sell have budgets of their own
   */
  of(sessionId: string, address: string, holder: KeyHolder | null): Buyer {
    return holder && hasPermission(holder, 'sell')
      ? { sessionId, source: sellerSource(holder), isSeller: true }
      : { sessionId, source: this.sourceOf(address), isSeller: false };
  }

  /** Returns the source of the network address of a REST call, whoever calls. */
  addressSourceOf(request: Request): string {
    return this.sourceOf(clientAddress(request, this.config.proxyCount));
  }

  /** Returns the source of an address: 16 characters that stay the same for at most a day. */
  private sourceOf(address: string): string {
    const { current } = this.keys;
    const name = `${current} ${address}`;
    const known = this.sources.get(name);
    if (known) return known.source;
    const source = createHmac('sha256', current).update(address).digest('base64url').slice(0, 16);
    this.sources.set(name, { source });
    return source;
  }
}

/** Returns the source of a holder who sells. Only such sources contain a colon. */
const sellerSource = ({ keyId, operator }: KeyHolder): string =>
  operator ? `operator:${operator.operatorSessionId}` : `key:${keyId ?? 'settings'}`;
