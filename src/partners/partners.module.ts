import { Module } from '@nestjs/common';
import { ShowsModule } from '../shows/index.js';
import { PartnerEvents } from './partner-events.service.js';
import { WebhookDeliveriesRepository } from './webhook-deliveries.repository.js';
import { WebhookEndpointsRepository } from './webhook-endpoints.repository.js';
import { WebhookWorker } from './webhook-worker.service.js';
import { WebhooksController } from './webhooks.controller.js';

/** Webhooks that inform partners about bookings, refunds, shows and lines. */
@Module({
  imports: [ShowsModule],
  controllers: [WebhooksController],
  providers: [WebhookEndpointsRepository, WebhookDeliveriesRepository, WebhookWorker, PartnerEvents],
})
export class PartnersModule {}
