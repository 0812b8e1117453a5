import { Logger, type OnApplicationBootstrap, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { type OnGatewayInit, WebSocketGateway } from '@nestjs/websockets';
import type { KeyEnded } from '@usher/contract';
import type { Subscription } from 'rxjs';
import { Poller } from '../../common/poller.js';
import { isKeyRoom, keyRoom, NodeBus, type UsherServer, type UsherSocket } from '../../realtime/index.js';
import { ApiKeys, digestOfKey, type KeyHolder } from '../api-keys/api-keys.service.js';
import { KeyUses } from '../api-keys/key-uses.service.js';

/**
 * Longest time between two checks. If a message from another node is lost, a socket with a revoked key stays open for up
 * to this time.
 */
const pollIntervalMsMax = 2000;

/** Kind of the messages between nodes that say that a key was revoked or rotated. */
const keyChanged = 'key:changed';

/** The API key of a socket. */
interface SocketKey {
  readonly holder: KeyHolder;
  /** The digest of the key's text, because a rotated key has two texts for a while. */
  readonly digest: string;
}

/**
 * Knows the API keys of this node's sockets, and closes each socket whose key is revoked, expired or replaced.
 *
 * The table of keys is authoritative. A message from the node that changed a key only makes this node read the table at
 * once.
 */
@WebSocketGateway()
export class SocketKeys implements OnGatewayInit<UsherServer>, OnModuleInit, OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(SocketKeys.name);
  private readonly keys = new WeakMap<UsherSocket, SocketKey>();
  /** The connected sockets whose keys are in the table. */
  private readonly connected = new Set<UsherSocket>();
  private readonly subscriptions: Subscription[] = [];
  private readonly polls = new Poller(
    () => this.closeEnded(),
    (error) => this.logger.error({ err: error }, 'could not check the API keys of sockets; retrying in 1 s'),
    1000,
  );

  constructor(
    private readonly apiKeys: ApiKeys,
    private readonly uses: KeyUses,
    private readonly bus: NodeBus,
  ) {}

  afterInit(server: UsherServer): void {
    server.on('connection', (socket) => {
      if (socket.data.keyId === null) return;
      this.connected.add(socket);
      // The key may end before the next check.
      this.polls.wake();
      socket.once('disconnect', () => this.connected.delete(socket));
    });
  }

  onModuleInit(): void {
    this.subscriptions.push(
      this.bus.received.subscribe(({ kind }) => {
        if (kind === keyChanged) this.polls.wake();
      }),
      // Messages that came before the subscription are lost, so the table is read once more.
      this.bus.subscribed.subscribe((room) => {
        if (isKeyRoom(room)) this.polls.wake();
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

  /** Remembers the key that a socket sent in its handshake. */
  add(socket: UsherSocket, key: string, holder: KeyHolder): void {
    this.keys.set(socket, { holder, digest: digestOfKey(key).toString('hex') });
  }

  /** Returns the holder of a socket's key, or null if the socket has no key. */
  holderOf(socket: UsherSocket): KeyHolder | null {
    return this.keys.get(socket)?.holder ?? null;
  }

  /** Makes every node check the sockets of a key. Call this after the change to the key was committed. */
  announceChange(keyId: string): void {
    this.bus.publish({ room: keyRoom(keyId), kind: keyChanged, body: null });
    this.polls.wake();
  }

  /** Closes the sockets whose keys have ended. @returns the pause in ms until the next check */
  private async closeEnded(): Promise<number> {
    const socketsByDigest = Map.groupBy(this.connected, (socket) => this.keys.get(socket)?.digest ?? '');
    if (socketsByDigest.size === 0) return pollIntervalMsMax;
    let pauseMs = pollIntervalMsMax;
    for (const { digest, ended, endsInMs } of await this.apiKeys.statesOf([...socketsByDigest.keys()])) {
      if (ended === null) pauseMs = Math.min(pauseMs, endsInMs ?? pollIntervalMsMax);
      for (const socket of socketsByDigest.get(digest) ?? []) {
        if (ended === null) this.uses.record(socket.data.keyId);
        else close(socket, ended);
      }
    }
    return Math.max(pauseMs, 0);
  }
}

function close(socket: UsherSocket, reason: KeyEnded['reason']): void {
  socket.emit('key:ended', { reason });
  // The client must not reconnect by itself, because the service would refuse its key.
  socket.disconnect(true);
}
