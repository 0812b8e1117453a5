import { Module } from '@nestjs/common';
import { ShowsModule } from '../shows/index.js';
import { PartnerEvents } from './partner-events.service.js';
import { WebhookEndpoints } from './webhook-endpoints.js';
import { WebhookOutbox } from './webhook-outbox.js';
import { WebhookSender } from './webhook-sender.service.js';
import { WebhooksController } from './webhooks.controller.js';

/** Partners hear of bookings, refunds, shows and lines by webhooks. */
@Module({
  imports: [ShowsModule],
  controllers: [WebhooksController],
  providers: [WebhookEndpoints, WebhookOutbox, WebhookSender, PartnerEvents],
})
export class PartnersModule {}
