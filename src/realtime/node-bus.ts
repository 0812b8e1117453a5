import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { createShardedAdapter } from '@socket.io/redis-adapter';
import { Counter } from 'prom-client';
import { Subject } from 'rxjs';
import type { Namespace } from 'socket.io';
import { Adapter } from 'socket.io-adapter';
import { CONFIG, type Config } from '../config/config.js';
import { DATABASE_IDENTITY } from '../database/database-identity.js';
import { withFrames } from './frames.js';
import { type RedisClients, redisClients } from './redis-clients.js';

/** What one node tells the others that have somebody in a room. */
export interface NodeMessage {
  readonly room: string;
  /** What it is about; whoever sends it decides. */
  readonly kind: string;
  /** JSON. */
  readonly body: unknown;
}

/**
 * What begins the name of each channel. Redis channels ignore database numbers, so that installations which share a Redis
 * are kept apart by the identity of their database alone.
 */
const prefixOf = (identity: string): string => `usher:${identity}`;

// Of the process, not of an app: prom-client's own registry takes each name once, and two apps may share a process.
const foreignMessages = new Counter({
  name: 'usher_foreign_node_messages_total',
  help: 'Messages from nodes of another database that came over Redis and were dropped',
});

/** First byte of our messages; the adapter's begin with `{` or with a byte of MessagePack. */
const mark = 'n'.charCodeAt(0);

/** Messages that may be on their way to a Redis that does not answer; past that they are dropped. */
const underWayMax = 10_000;

/** How long Redis may take to answer before it counts as away. */
const answerMsMax = 1000;

type Listener = (channel: Buffer, message: Buffer) => void;

/**
 * What nodes tell each other, by Redis: each message goes to the channel of a room, which the Socket.IO Redis adapter
 * subscribes to while a socket of this node is in it. So a node hears of nothing that none of its sockets look at.
 *
 * It carries hints, not truth: a message may be lost, come twice or late. While Redis is away nothing is said.
 *
 * Each channel and message contains the identity of the database, so that nodes of another database are not heard.
 */
@Injectable()
export class NodeBus implements OnApplicationShutdown {
  /** What other nodes say. */
  readonly heard = new Subject<NodeMessage>();
  /** Rooms from which this node hears from now on: what was said before is unknown. */
  readonly subscribed = new Subject<string>();
  private readonly logger = new Logger(NodeBus.name);
  private readonly clients: RedisClients | null;
  private underWay = 0;

  constructor(
    @Inject(CONFIG) { redisUrls }: Config,
    @Inject(DATABASE_IDENTITY) private readonly identity: string,
  ) {
    this.#prefix = prefixOf(identity);
    this.clients = redisUrls && redisClients(redisUrls);
    if (this.clients) this.watch(this.clients);
  }

  /** True where there may be other nodes to tell. */
  get isShared(): boolean {
    return this.clients !== null;
  }

  /** Socket.IO's adapter for one namespace: over Redis where there is one. */
  adapter(namespace: Namespace): Adapter {
    if (!this.clients) return withFrames(new Adapter(namespace));
    const { pub } = this.clients;
    const options = { channelPrefix: this.#prefix, subscriptionMode: 'dynamic' } as const;
    return withFrames(createShardedAdapter(pub, this.subscriber(this.clients), options)(namespace));
  }

  /** Tells the other nodes that have a socket in a room. Never waits, never fails. */
  tell({ room, kind, body }: NodeMessage): void {
    const pub = this.clients?.pub;
    if (pub?.status !== 'ready' || this.#isMuted || this.underWay >= underWayMax) return;
    this.underWay++;
    const said = pub.spublish(this.channelOf(room), `n${JSON.stringify([this.identity, this.#id, kind, body])}`);
    said.catch(ignored).finally(() => this.underWay--);
  }

  /** Whether Redis answers. */
  async answers(): Promise<boolean> {
    if (!this.clients) return true;
    const late = AbortSignal.timeout(answerMsMax);
    const tooLate = new Promise<false>((resolve) => late.addEventListener('abort', () => resolve(false)));
    const asked = Promise.all([this.clients.pub.ping(), this.clients.sub.ping()]).then(
      () => true,
      () => false,
    );
    return Promise.race([asked, tooLate]);
  }

  /** Last of all: until then something may be told. */
  onApplicationShutdown(): void {
    this.clients?.pub.disconnect();
    this.clients?.sub.disconnect();
  }

  /**
   * The database has another identity since this node started. The node tells and hears nothing from then on: its channels
   * may be those of the database that this one was copied from.
   */
  mute(): void {
    this.#isMuted = true;
  }

  readonly #id = crypto.randomUUID();
  readonly #prefix: string;
  #isMuted = false;
  #hasHeardForeign = false;

  /** The adapter's channel of a room: prefix, namespace, room. */
  private channelOf(room: string): string {
    return `${this.#prefix}#/#${room}#`;
  }

  private roomOf(channel: string): string {
    return channel.slice(this.channelOf('').length - 1, -1);
  }

  /** The listening connection as the adapter uses it, which never rejects, without the messages that are ours. */
  private subscriber({ sub }: RedisClients) {
    return {
      on: (event: string, listener: Listener) => {
        sub.on(event, (channel: Buffer, message: Buffer) => {
          if (message[0] === mark) this.hear(channel, message);
          else listener(channel, message);
        });
      },
      ssubscribe: (channel: string) => {
        sub.ssubscribe(channel).then(() => this.subscribed.next(this.roomOf(channel)), ignored);
      },
      sunsubscribe: (channel: string) => {
        sub.sunsubscribe(channel).catch(ignored);
      },
    };
  }

  private hear(channel: Buffer, message: Buffer): void {
    if (this.#isMuted) return;
    const parsed = JSON.parse(message.subarray(1).toString()) as [string, string, string, unknown];
    const [identity, from, kind, body] = parsed;
    if (identity !== this.identity) this.dropForeign(identity);
    else if (from !== this.#id) this.heard.next({ room: this.roomOf(channel.toString()), kind, body });
  }

  private dropForeign(identity: string): void {
    foreignMessages.inc();
    if (this.#hasHeardForeign) return;
    this.#hasHeardForeign = true;
    this.logger.warn({ identity, own: this.identity }, 'dropped a message of another database; more are only counted');
  }

  private watch({ pub, sub }: RedisClients): void {
    let isAway = false;
    const away = (error: Error) => {
      // Once an outage: every attempt fails anew.
      if (!isAway) this.logger.warn({ err: error }, 'Redis is away: other nodes learn of what happens here by reading');
      isAway = true;
    };
    pub.on('error', away);
    sub.on('error', away);
    pub.on('ready', () => {
      if (isAway) this.logger.log('Redis is back');
      isAway = false;
    });
  }
}

/** What was not said, or is not heard, is found in the log. */
const ignored = (): undefined => undefined;
