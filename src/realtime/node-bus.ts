import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { createShardedAdapter } from '@socket.io/redis-adapter';
import { Counter } from 'prom-client';
import { Subject } from 'rxjs';
import type { Namespace } from 'socket.io';
import { Adapter } from 'socket.io-adapter';
import { CONFIG, type Config } from '../config/config.js';
import { DATABASE_IDENTITY } from '../database/database-identity.js';
import { withFrames } from './frames.js';
import { connectRedis, type RedisClients } from './redis-clients.js';

/** A message to the other nodes that have a socket in a room. */
export interface NodeMessage {
  readonly room: string;
  /** Tells the receiver how to read the body. Each sender defines its own kinds. */
  readonly kind: string;
  /** A value that JSON can represent. */
  readonly body: unknown;
}

/**
 * Returns the prefix of all channel names. In Redis, a database number does not separate channels. So only the identity
 * of the database separates installations that share one Redis.
 */
const channelPrefixOf = (identity: string): string => `usher:${identity}`;

// There is one counter per process, because prom-client accepts each name only once and tests run two apps per process.
const foreignMessages = new Counter({
  name: 'usher_foreign_node_messages_total',
  help: 'Messages from nodes of another database that came over Redis and were dropped',
});

/** First byte of the messages of this class. The Redis adapter's own messages begin with `{` or a byte of MessagePack. */
const messageMark = 'n'.charCodeAt(0);

/** Maximum number of messages that may wait for the reply of Redis. Further messages are dropped. */
const unansweredMessagesMax = 10_000;

/** Time within which Redis must answer a ping. */
const pingTimeoutMs = 1000;

type Listener = (channel: Buffer, message: Buffer) => void;

/**
 * Carries messages between nodes over Redis. Each message goes to the channel of a room. The Socket.IO Redis adapter
 * subscribes to that channel as long as a socket of this node is in the room. So a node receives only what its sockets
 * need.
 *
 * Nodes use messages only as hints, and the tables are authoritative. A message may be lost, late or repeated, and
 * nothing is sent while Redis is down. Each channel and message contains the identity of the database, so messages from
 * nodes of another database are ignored.
 */
@Injectable()
export class NodeBus implements OnApplicationShutdown {
  /** Emits the messages of other nodes. */
  readonly received = new Subject<NodeMessage>();
  /**
   * Emits each room whose messages this node receives from now on. This node may have missed earlier messages of the
   * room.
   */
  readonly subscribed = new Subject<string>();
  private readonly logger = new Logger(NodeBus.name);
  private readonly clients: RedisClients | null;
  private readonly nodeId = crypto.randomUUID();
  private readonly channelPrefix: string;
  private unansweredMessages = 0;
  private isMuted = false;
  private hasReceivedForeign = false;

  constructor(
    @Inject(CONFIG) { redisUrls, redisTls }: Config,
    @Inject(DATABASE_IDENTITY) private readonly identity: string,
  ) {
    this.channelPrefix = channelPrefixOf(identity);
    this.clients = redisUrls && connectRedis(redisUrls, redisTls);
    if (this.clients) this.logOutages(this.clients);
  }

  /** True if Redis is configured, which means that there may be other nodes. */
  get isShared(): boolean {
    return this.clients !== null;
  }

  /**
   * The connection for commands, or null if no Redis is configured. While Redis is down, its commands fail at once. While
   * Redis hangs, they wait, so a caller must not send further commands before the earlier ones are answered.
   */
  get redis(): RedisClients['pub'] | null {
    return this.clients?.pub ?? null;
  }

  /**
   * Returns Socket.IO's adapter for a namespace: the Redis adapter if Redis is configured, otherwise the in-memory
   * adapter.
   */
  adapter(namespace: Namespace): Adapter {
    if (!this.clients) return withFrames(new Adapter(namespace));
    const { pub } = this.clients;
    const options = { channelPrefix: this.channelPrefix, subscriptionMode: 'dynamic' } as const;
    return withFrames(createShardedAdapter(pub, this.subscriberFor(this.clients), options)(namespace));
  }

  /** Sends a message to the other nodes that have a socket in a room. Does not wait for a reply and does not throw. */
  publish({ room, kind, body }: NodeMessage): void {
    const pub = this.clients?.pub;
    if (pub?.status !== 'ready' || this.isMuted || this.unansweredMessages >= unansweredMessagesMax) return;
    this.unansweredMessages++;
    const reply = pub.spublish(this.channelOf(room), `n${JSON.stringify([this.identity, this.nodeId, kind, body])}`);
    reply.catch(ignoreError).finally(() => this.unansweredMessages--);
  }

  /** Returns true if Redis answers a ping in time, or if no Redis is configured. */
  async isReachable(): Promise<boolean> {
    if (!this.clients) return true;
    const timeout = AbortSignal.timeout(pingTimeoutMs);
    const timedOut = new Promise<false>((resolve) => timeout.addEventListener('abort', () => resolve(false)));
    const answered = Promise.all([this.clients.pub.ping(), this.clients.sub.ping()]).then(
      () => true,
      () => false,
    );
    return Promise.race([answered, timedOut]);
  }

  /** Disconnects at the very end of the shutdown, because services may publish messages until then. */
  onApplicationShutdown(): void {
    this.clients?.pub.disconnect();
    this.clients?.sub.disconnect();
  }

  /**
   * Stops sending and receiving messages, because the identity of the database has changed since this node started. The
   * channels of this node may now belong to the database that this database was copied from.
   */
  mute(): void {
    this.isMuted = true;
  }

  /** Returns the channel that the adapter uses for a room. Its name has the prefix, the namespace and the room. */
  private channelOf(room: string): string {
    return `${this.channelPrefix}#/#${room}#`;
  }

  private roomOf(channel: string): string {
    return channel.slice(this.channelOf('').length - 1, -1);
  }

  /**
   * Wraps the subscribing connection for the adapter. The wrapper hides this class's messages from the adapter. The
   * wrapper's methods never reject.
   */
  private subscriberFor({ sub }: RedisClients) {
    return {
      on: (event: string, listener: Listener) => {
        sub.on(event, (channel: Buffer, message: Buffer) => {
          if (message[0] === messageMark) this.receive(channel, message);
          else listener(channel, message);
        });
      },
      ssubscribe: (channel: string) => {
        sub.ssubscribe(channel).then(() => this.subscribed.next(this.roomOf(channel)), ignoreError);
      },
      sunsubscribe: (channel: string) => {
        sub.sunsubscribe(channel).catch(ignoreError);
      },
    };
  }

  private receive(channel: Buffer, message: Buffer): void {
    if (this.isMuted) return;
    const parsed: [string, string, string, unknown] = JSON.parse(message.subarray(1).toString());
    const [identity, nodeId, kind, body] = parsed;
    if (identity !== this.identity) this.dropForeign(identity);
    else if (nodeId !== this.nodeId) this.received.next({ room: this.roomOf(channel.toString()), kind, body });
  }

  private dropForeign(identity: string): void {
    foreignMessages.inc();
    if (this.hasReceivedForeign) return;
    this.hasReceivedForeign = true;
    this.logger.warn(
      { identity, own: this.identity },
      'dropped a message of another database; further ones are counted in a metric only',
    );
  }

  private logOutages({ pub, sub }: RedisClients): void {
    let isDown = false;
    const onError = (error: Error) => {
      // Logged once per outage, because every retry fails again.
      if (!isDown) {
        this.logger.warn({ err: error }, 'Redis is unreachable; nodes read each other’s commits from the tables');
      }
      isDown = true;
    };
    pub.on('error', onError);
    sub.on('error', onError);
    pub.on('ready', () => {
      if (isDown) this.logger.log('Redis is reachable again');
      isDown = false;
    });
  }
}

/** Ignores an error of Redis, because nodes read every missed commit from the log. */
const ignoreError = (): undefined => undefined;
