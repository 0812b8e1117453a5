import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { WebhookEvent, WebhookEventType } from '@usher/contract';
import { changedFields, type FollowedChange, LogFollowers } from '../shows/index.js';
import { WebhookOutbox } from './webhook-outbox.js';

/** Tells partners what the logs of shows say. */
@Injectable()
export class PartnerEvents implements OnModuleInit {
  constructor(
    private readonly logs: LogFollowers,
    private readonly outbox: WebhookOutbox,
  ) {}

  onModuleInit(): void {
    this.logs.follow({
      name: 'partners',
      types: ['booked', 'refunded', 'termsChanged', 'calledOff', 'offered', 'entered', 'left'],
      isWanted: () => this.outbox.isWanted(),
      take: (client, showId, changes) =>
        this.outbox.add(
          client,
          showId,
          changes.flatMap((change) => eventOf(showId, change) ?? []),
        ),
    });
  }
}

/** What partners are told of a change; null: nothing. */
function eventOf(showId: number, { at, change }: FollowedChange): WebhookEvent | null {
  const event = (type: WebhookEventType, data: Partial<WebhookEvent['data']>): WebhookEvent => ({
    type,
    timestamp: new Date(at).toISOString(),
    data: { showId, bookingId: null, line: null, ticket: null, ...data },
  });
  switch (change.type) {
    case 'booked':
    case 'refunded':
      return event(`booking.${change.type}`, { bookingId: change.booking.bookingId });
    case 'calledOff':
      return event('show.calledOff', { reason: change.reason ?? null });
    case 'termsChanged': {
      const changed = changedFields(change);
      return changed.length > 0 ? event('show.changed', { changed, reason: change.reason ?? null }) : null;
    }
    case 'offered':
      return event('line.offered', { bookingId: change.bookingId, line: 'seats', ticket: change.ticket });
    case 'entered':
      return event('line.admitted', { line: 'entry', ticket: change.shopper.ticket });
    case 'left':
      return change.kind === 'leave' ? null : event('line.expired', { line: change.line, ticket: change.ticket });
    default:
      return null;
  }
}
