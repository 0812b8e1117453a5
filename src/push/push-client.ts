import type { IncomingMessage } from 'node:http';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { PushPayload } from '@usher/contract';
import webPush from 'web-push';
import { failureCode, OutboundPost } from '../common/outbound-post.js';
import { isPrivateLiteral, PrivateHostError } from '../common/public-hosts.js';
import { readRetryAfterMs } from '../common/retry-after.js';
import { CONFIG, type Config } from '../config/config.js';
import type { ClaimedMessage, Subscription } from './push-outbox.js';
import { VAPID_KEYS, type VapidKeys } from './vapid-keys.js';

/** Longest that a push service may take for one message, from the look-up of its name on. */
const requestMsMax = 10_000;

/** How long a push service keeps a message, whose use has no end, for a browser that is away. */
const ttlSecondsPlain = 60;

/** What became of one attempt; `reason` is a status or an error's code and says nothing of the endpoint. */
export type PushOutcome =
  | { readonly result: 'delivered' }
  /** The subscription is dead. */
  | { readonly result: 'gone' }
  /** The same again would be refused again. */
  | { readonly result: 'refused'; readonly reason: string }
  /** @property waitMs what the push service asked for; 0 where it asked for nothing */
  | { readonly result: 'failed'; readonly reason: string; readonly waitMs: number };

/** Sends one message to one browser's push service (RFC 8030), encrypted for that browser (RFC 8291). */
@Injectable()
export class PushClient implements OnApplicationShutdown {
  private readonly outbound: OutboundPost;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(VAPID_KEYS) private readonly keys: VapidKeys,
  ) {
    this.outbound = new OutboundPost(config.canPushToPrivateHosts);
  }

  // Later than the sender's end, which waits for what is on its way.
  onApplicationShutdown(): void {
    this.outbound.close();
  }

  /** @param cut ends the attempt early */
  async push(message: ClaimedMessage, to: Subscription, cut: AbortSignal): Promise<PushOutcome> {
    const url = new URL(to.endpoint);
    if (!this.config.canPushToPrivateHosts && isPrivateLiteral(url)) return refused('PRIVATE_HOST');
    let answer: IncomingMessage;
    try {
      const signal = AbortSignal.any([cut, AbortSignal.timeout(requestMsMax)]);
      // Not the package's own request: that one waits for ever on an answer that trickles, and keeps all of it.
      answer = await this.outbound.post(url, this.encrypted(message, to), signal);
    } catch (error) {
      return error instanceof PrivateHostError ? refused(error.code) : failed(failureCode(error), 0);
    }
    return outcomeOf(answer);
  }

  private encrypted(message: ClaimedMessage, to: Subscription) {
    const { showId, type, bookingId, expiresAt, msLeft, messageId } = message;
    const payload: PushPayload = {
      type,
      showId,
      bookingId,
      expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
    };
    return webPush.generateRequestDetails(to, JSON.stringify(payload), {
      vapidDetails: { subject: this.config.pushContact, ...this.keys },
      contentEncoding: 'aes128gcm',
      urgency: 'high',
      TTL: msLeft === null ? ttlSecondsPlain : Math.floor(msLeft / 1000),
      // A message that is sent twice, because its first answer was lost, replaces itself at the push service.
      topic: Buffer.from(messageId.replaceAll('-', ''), 'hex').toString('base64url'),
    });
  }
}

const refused = (reason: string): PushOutcome => ({ result: 'refused', reason });

const failed = (reason: string, waitMs: number): PushOutcome => ({ result: 'failed', reason, waitMs });

function outcomeOf({ statusCode = 0, headers }: IncomingMessage): PushOutcome {
  if (statusCode >= 200 && statusCode < 300) return { result: 'delivered' };
  if (statusCode === 404 || statusCode === 410) return { result: 'gone' };
  if (statusCode === 429 || statusCode >= 500) {
    return failed(String(statusCode), readRetryAfterMs(headers['retry-after'], Date.now()));
  }
  // A redirect too: it could lead anywhere.
  return refused(String(statusCode));
}
