import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { WebhookEvent, WebhookEventType } from '@usher/contract';
import { changedFields, type ConsumedChange, LogConsumers } from '../shows/index.js';
import { WebhookDeliveriesRepository } from './webhook-deliveries.repository.js';
import { WebhookEndpointsRepository } from './webhook-endpoints.repository.js';

/** Inserts webhook deliveries for the logged changes to shows. */
@Injectable()
export class PartnerEvents implements OnModuleInit {
  constructor(
    private readonly logs: LogConsumers,
    private readonly endpoints: WebhookEndpointsRepository,
    private readonly deliveries: WebhookDeliveriesRepository,
  ) {}

  onModuleInit(): void {
    this.logs.register({
      name: 'partners',
      types: ['booked', 'refunded', 'termsChanged', 'calledOff', 'offered', 'entered', 'left'],
      hasRecipients: () => this.endpoints.hasActive(),
      consume: (client, showId, changes) =>
        this.deliveries.add(
          client,
          showId,
          changes.flatMap((change) => toWebhookEvent(showId, change) ?? []),
        ),
    });
  }
}

/** Returns the webhook event about a change, or null if partners are not told about the change. */
function toWebhookEvent(showId: number, { at, change }: ConsumedChange): WebhookEvent | null {
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
