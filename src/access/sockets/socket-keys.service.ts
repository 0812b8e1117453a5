import { Logger, type OnApplicationBootstrap, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { type OnGatewayInit, WebSocketGateway } from '@nestjs/websockets';
import type { Subscription } from 'rxjs';
import { Poller } from '../../common/poller.js';
import { credentialRoom, isCredentialRoom, NodeBus, type UsherServer, type UsherSocket } from '../../realtime/index.js';
import { ApiKeys, type KeyHolder } from '../api-keys/api-keys.service.js';
import { KeyUses } from '../api-keys/key-uses.service.js';
import { OperatorSessions } from '../operators/operator-sessions.service.js';
import { OperatorUses } from '../operators/operator-uses.service.js';

/**
 * Longest time between two checks. If a message from another node is lost, a socket whose key was revoked or whose operator
 * signed out stays open for up to this time.
 */
const pollIntervalMsMax = 2000;

/** Kind of the messages between nodes that say that a key was revoked or rotated, or that an operator signed out. */
const credentialChanged = 'key:changed';

/** The API key or the sign-in of a socket. */
interface SocketCredential {
  readonly holder: KeyHolder;
  /** The digest of the text of the key or the token, because a rotated key has two texts for a while. */
  readonly digest: string;
}

/** Whether a credential is still valid. See `KeyState` and `OperatorState`. */
interface CredentialState<Reason> {
  readonly digest: string;
  readonly ended: Reason | null;
  readonly endsInMs: number | null;
}

/**
 * Knows the API keys and the operators of this node's sockets. Closes each socket whose key is revoked, expired or replaced,
 * or whose sign-in has ended.
 *
 * The tables are authoritative. A message from the node that changed a row only makes this node read the tables at once.
 */
@WebSocketGateway()
export class SocketKeys implements OnGatewayInit<UsherServer>, OnModuleInit, OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(SocketKeys.name);
  private readonly credentials = new WeakMap<UsherSocket, SocketCredential>();
  /** The connected sockets whose credentials are in a table. */
  private readonly connected = new Set<UsherSocket>();
  private readonly subscriptions: Subscription[] = [];
  private readonly polls = new Poller(
    () => this.closeEnded(),
    (error) => this.logger.error({ err: error }, 'could not check the API keys of sockets; retrying in 1 s'),
    1000,
  );

  constructor(
    private readonly apiKeys: ApiKeys,
    private readonly operators: OperatorSessions,
    private readonly keyUses: KeyUses,
    private readonly operatorUses: OperatorUses,
    private readonly bus: NodeBus,
  ) {}

  afterInit(server: UsherServer): void {
    server.on('connection', (socket) => {
      if (socket.data.credentialId === null) return;
      this.connected.add(socket);
      // The credential may end before the next check.
      this.polls.wake();
      socket.once('disconnect', () => this.connected.delete(socket));
    });
  }

  onModuleInit(): void {
    this.subscriptions.push(
      this.bus.received.subscribe(({ kind }) => {
        if (kind === credentialChanged) this.polls.wake();
      }),
      // Messages that came before the subscription are lost, so the tables are read once more.
      this.bus.subscribed.subscribe((room) => {
        if (isCredentialRoom(room)) this.polls.wake();
      }),
    );
  }

  onApplicationBootstrap(): void {
    this.polls.start();
  }

  async onModuleDestroy(): Promise<void> {
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    await this.polls.stop();
  }

  /** Remembers the credential of a socket's handshake. */
  add(socket: UsherSocket, credential: SocketCredential): void {
    this.credentials.set(socket, credential);
  }

  /** Returns the holder of a socket's key or its operator, or null if the socket has neither. */
  holderOf(socket: UsherSocket): KeyHolder | null {
    return this.credentials.get(socket)?.holder ?? null;
  }

  /**
   * Makes every node check the sockets of a key or a sign-in. Call this after the change was committed.
   *
   * @param credentialId the id of the key or of the sign-in
   */
  announceChange(credentialId: string): void {
    this.bus.publish({ room: credentialRoom(credentialId), kind: credentialChanged, body: null });
    this.polls.wake();
  }

  /** Closes the sockets whose credentials have ended. @returns the pause in ms until the next check */
  private async closeEnded(): Promise<number> {
    const isOfOperator = (socket: UsherSocket) => this.holderOf(socket)?.operator !== null;
    const [ofOperators, ofKeys] = [true, false].map((wanted) =>
      [...this.connected].filter((socket) => isOfOperator(socket) === wanted),
    );
    const pauses = [
      await this.closeThose(
        ofKeys!,
        (digests) => this.apiKeys.statesOf(digests),
        ({ keyId }) => keyId !== null && this.keyUses.record(keyId),
        (socket, reason) => socket.emit('key:ended', { reason }),
      ),
      await this.closeThose(
        ofOperators!,
        (digests) => this.operators.statesOf(digests),
        ({ operator }) => operator && this.operatorUses.record(operator.operatorSessionId),
        (socket, reason) => socket.emit('operator:ended', { reason }),
      ),
    ];
    return Math.max(Math.min(...pauses), 0);
  }

  private async closeThose<Reason>(
    sockets: readonly UsherSocket[],
    readStates: (digests: string[]) => Promise<CredentialState<Reason>[]>,
    recordUse: (holder: KeyHolder) => unknown,
    notify: (socket: UsherSocket, reason: Reason) => unknown,
  ): Promise<number> {
    if (sockets.length === 0) return pollIntervalMsMax;
    const socketsByDigest = Map.groupBy(sockets, (socket) => this.credentials.get(socket)?.digest ?? '');
    let pauseMs = pollIntervalMsMax;
    for (const { digest, ended, endsInMs } of await readStates([...socketsByDigest.keys()])) {
      if (ended === null) pauseMs = Math.min(pauseMs, endsInMs ?? pollIntervalMsMax);
      for (const socket of socketsByDigest.get(digest) ?? []) {
        if (ended === null) {
          const holder = this.holderOf(socket);
          if (holder) recordUse(holder);
        } else {
          notify(socket, ended);
          // The client must not reconnect by itself, because the service would refuse its credential.
          socket.disconnect(true);
        }
      }
    }
    return pauseMs;
  }
}
