import { Inject, Injectable } from '@nestjs/common';
import { type Session, SocketAuth } from '@usher/contract';
import { createInvalidRequestError } from '../../common/invalid-request.js';
import { CONFIG, type Config } from '../../config/config.js';
import {
  type Authenticated,
  SocketAuthenticator,
  socketDataOf,
  type SocketData,
  type UsherSocket,
} from '../../realtime/index.js';
import { clientAddress } from '../../transport/client-address.js';
import { ApiKeyChecks } from '../api-keys/api-key-checks.service.js';
import { CallLimits } from '../limits/call-limits.service.js';
import { SessionTokens } from '../sessions/session-tokens.service.js';
import { SocketKeys } from './socket-keys.service.js';

/** Checks the token and the API key of a socket's handshake. A socket without a token gets a new anonymous session. */
@Injectable()
export class SocketHandshake extends SocketAuthenticator {
  /** Connections that have sent at least one handshake. */
  private readonly seenConnections = new WeakSet<object>();

  constructor(
    private readonly tokens: SessionTokens,
    private readonly keyChecks: ApiKeyChecks,
    private readonly socketKeys: SocketKeys,
    private readonly limits: CallLimits,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    super();
  }

  override async authenticate(socket: UsherSocket): Promise<Authenticated> {
    const address = clientAddress(socket.request, this.config.proxyCount);
    // The first handshake was already counted as a new connection. A client can send more handshakes on the same
    // connection, and each of them is counted here.
    if (this.seenConnections.has(socket.conn)) await this.limits.countStranger(address);
    this.seenConnections.add(socket.conn);
    const auth = SocketAuth.safeParse(socket.handshake.auth);
    if (!auth.success) throw createInvalidRequestError(auth.error.issues);
    const { apiKey, token } = auth.data;
    const holder = apiKey === undefined ? null : await this.keyChecks.holderOf(apiKey, address);
    if (apiKey !== undefined && holder) this.socketKeys.add(socket, apiKey, holder);
    const keyId = holder?.keyId ?? null;
    if (token === undefined) return withSession(this.tokens.issue(), keyId);
    const verified = this.tokens.read(token);
    await this.limits.countSession(verified.sessionId);
    if (this.tokens.isDueForRenewal(verified)) return withSession(this.tokens.renew(verified.sessionId), keyId);
    return { data: { sessionId: verified.sessionId, tokenExpiresAtMs: verified.expiresAtMs, keyId }, session: null };
  }

  override renewIfDue({ sessionId, tokenExpiresAtMs }: SocketData): Session | null {
    return this.tokens.isDueForRenewal({ expiresAtMs: tokenExpiresAtMs }) ? this.tokens.renew(sessionId) : null;
  }
}

const withSession = (session: Session, keyId: string | null): Authenticated => ({
  data: socketDataOf(session, keyId),
  session,
});
