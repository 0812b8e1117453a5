import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { createShardedAdapter } from '@socket.io/redis-adapter';
import { Subject } from 'rxjs';
import type { Namespace } from 'socket.io';
import { Adapter } from 'socket.io-adapter';
import { CONFIG, type Config } from '../config/config.js';
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

/** The adapter's channels: prefix, namespace, room. */
const prefix = 'usher';
const channelOf = (room: string): string => `${prefix}#/#${room}#`;
const roomOf = (channel: string): string => channel.slice(channelOf('').length - 1, -1);

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

  constructor(@Inject(CONFIG) { redisUrls }: Config) {
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
    const options = { channelPrefix: prefix, subscriptionMode: 'dynamic' } as const;
    return withFrames(createShardedAdapter(pub, this.subscriber(this.clients), options)(namespace));
  }

  /** Tells the other nodes that have a socket in a room. Never waits, never fails. */
  tell({ room, kind, body }: NodeMessage): void {
    const pub = this.clients?.pub;
    if (pub?.status !== 'ready' || this.underWay >= underWayMax) return;
    this.underWay++;
    const said = pub.spublish(channelOf(room), `n${JSON.stringify([this.#id, kind, body])}`);
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

  readonly #id = crypto.randomUUID();

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
        sub.ssubscribe(channel).then(() => this.subscribed.next(roomOf(channel)), ignored);
      },
      sunsubscribe: (channel: string) => {
        sub.sunsubscribe(channel).catch(ignored);
      },
    };
  }

  private hear(channel: Buffer, message: Buffer): void {
    const [from, kind, body] = JSON.parse(message.subarray(1).toString()) as [string, string, unknown];
    if (from !== this.#id) this.heard.next({ room: roomOf(channel.toString()), kind, body });
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
