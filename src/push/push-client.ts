import type { IncomingMessage } from 'node:http';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { PushPayload, PushSubscription } from '@usher/contract';
import webPush from 'web-push';
import { failureCode, OutboundPost } from '../common/outbound-post.js';
import { isPrivateLiteral, PrivateHostError } from '../common/public-hosts.js';
import { readRetryAfterMs } from '../common/retry-after.js';
import { CONFIG, type Config } from '../config/config.js';
import type { Outcome } from '../database/outbox/outcome.js';
import { VAPID_KEYS, type VapidKeys } from './vapid-keys.js';

/** Time limit for one request to a push service, including the DNS lookup. */
const requestMsMax = 10_000;

/** How long a push service keeps a message for a browser that is offline, if the message has no expiry time. */
const ttlSecondsDefault = 60;

/** The address at which a browser is reached, and the keys with which its messages are encrypted. */
export type Subscription = Readonly<Pick<PushSubscription, 'endpoint' | 'keys'>>;

/** A push message that this node has claimed. */
export interface ClaimedMessage {
  readonly showId: number;
  readonly messageId: string;
  readonly type: PushPayload['type'];
  readonly bookingId: string | null;
  /** When the message becomes useless, ms since 1970. Null if the message never becomes useless. */
  readonly expiresAt: number | null;
  /** Time from the claim until {@link expiresAt}. */
  readonly msLeft: number | null;
  readonly attempts: number;
  /** Null if the session has unsubscribed. */
  readonly subscription: Subscription | null;
}

/** Sends messages to the push services of browsers (RFC 8030). Each message is encrypted for its browser (RFC 8291). */
@Injectable()
export class PushClient implements OnApplicationShutdown {
  private readonly outbound: OutboundPost;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(VAPID_KEYS) private readonly keys: VapidKeys,
  ) {
    this.outbound = new OutboundPost(config.canPushToPrivateHosts);
  }

  // Nest calls this after `onModuleDestroy`, in which the worker waits for requests in flight.
  onApplicationShutdown(): void {
    this.outbound.close();
  }

  /**
   * Sends a message.
   *
   * @param signal aborts the request
   * @returns the outcome, which is `obsolete` if the subscription is dead. Its reason is a status or an error code and
   * never contains the endpoint
   */
  async push(message: ClaimedMessage, subscription: Subscription, signal: AbortSignal): Promise<Outcome> {
    const url = new URL(subscription.endpoint);
    if (!this.config.canPushToPrivateHosts && isPrivateLiteral(url)) return refused('PRIVATE_HOST');
    let response: IncomingMessage;
    try {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(requestMsMax)]);
      // The package `web-push` only encrypts the message. The package's own request has no limit for a slow response
      // and keeps the whole body in memory.
      response = await this.outbound.post(url, this.encrypt(message, subscription), limit);
    } catch (error) {
      return error instanceof PrivateHostError ? refused(error.code) : failed(failureCode(error), 0);
    }
    return toOutcome(response);
  }

  private encrypt(message: ClaimedMessage, subscription: Subscription) {
    const { showId, type, bookingId, expiresAt, msLeft, messageId } = message;
    const payload: PushPayload = {
      type,
      showId,
      bookingId,
      expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
    };
    return webPush.generateRequestDetails(subscription, JSON.stringify(payload), {
      vapidDetails: { subject: this.config.pushContact, ...this.keys },
      contentEncoding: 'aes128gcm',
      urgency: 'high',
      TTL: msLeft === null ? ttlSecondsDefault : Math.floor(msLeft / 1000),
      // If the response is lost, the message is sent again. The same topic makes the push service replace the first
      // copy.
      topic: Buffer.from(messageId.replaceAll('-', ''), 'hex').toString('base64url'),
    });
  }
}

const refused = (reason: string): Outcome => ({ type: 'refused', reason });

const failed = (reason: string, delayMs: number): Outcome => ({ type: 'failed', reason, retryAfterMs: delayMs });

function toOutcome({ statusCode = 0, headers }: IncomingMessage): Outcome {
  if (statusCode >= 200 && statusCode < 300) return { type: 'done' };
  if (statusCode === 404 || statusCode === 410) return { type: 'obsolete', reason: String(statusCode) };
  if (statusCode === 429 || statusCode >= 500) {
    return failed(String(statusCode), readRetryAfterMs(headers['retry-after'], Date.now()));
  }
  // Redirects are refused as well, because they could lead to a private host.
  return refused(String(statusCode));
}
