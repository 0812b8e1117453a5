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
import { digestOfKey } from '../api-keys/api-keys.service.js';
import { CallLimits } from '../limits/call-limits.service.js';
import { OperatorChecks } from '../operators/operator-checks.service.js';
import { digestOfToken } from '../operators/operator-tokens.service.js';
import { SessionTokens } from '../sessions/session-tokens.service.js';
import { SocketKeys } from './socket-keys.service.js';

/** Checks the token, and the API key or the operator, of a socket's handshake. A socket without a token gets a new anonymous session. */
@Injectable()
export class SocketHandshake extends SocketAuthenticator {
  /** Connections that have sent at least one handshake. */
  private readonly seenConnections = new WeakSet<object>();

  constructor(
    private readonly tokens: SessionTokens,
    private readonly keyChecks: ApiKeyChecks,
    private readonly operatorChecks: OperatorChecks,
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
    const { token } = auth.data;
    const credentialId = await this.checkCredential(socket, address, auth.data);
    if (token === undefined) return withSession(this.tokens.issue(), credentialId);
    const verified = this.tokens.read(token);
    await this.limits.countSession(verified.sessionId);
    if (this.tokens.isDueForRenewal(verified)) return withSession(this.tokens.renew(verified.sessionId), credentialId);
    return {
      data: { sessionId: verified.sessionId, tokenExpiresAtMs: verified.expiresAtMs, credentialId },
      session: null,
    };
  }

  /** Checks the API key or the operator of a handshake. @returns the id of the key or of the sign-in, null if there is none */
  private async checkCredential(
    socket: UsherSocket,
    address: string,
    { apiKey, operator }: SocketAuth,
  ): Promise<string | null> {
    if (apiKey !== undefined) {
      const holder = await this.keyChecks.holderOf(apiKey, address);
      this.socketKeys.add(socket, { holder, digest: digestOfKey(apiKey).toString('hex') });
      return holder.keyId;
    }
    if (operator === undefined) return null;
    const { token, holder } = await this.operatorChecks.holderOfSocket(socket.request);
    this.socketKeys.add(socket, { holder, digest: digestOfToken(token) });
    return holder.operator?.operatorSessionId ?? null;
  }

  override renewIfDue({ sessionId, tokenExpiresAtMs }: SocketData): Session | null {
    return this.tokens.isDueForRenewal({ expiresAtMs: tokenExpiresAtMs }) ? this.tokens.renew(sessionId) : null;
  }
}

const withSession = (session: Session, credentialId: string | null): Authenticated => ({
  data: socketDataOf(session, credentialId),
  session,
});
