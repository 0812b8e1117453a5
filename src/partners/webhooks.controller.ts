import { Body, Controller, Delete, Get, Header, HttpCode, Param, Post, Query, UseGuards } from '@nestjs/common';
import {
  type Page,
  PageQuery,
  WebhookDeliveriesQuery,
  type WebhookDelivery,
  type WebhookEndpoint,
  WebhookEndpointBody,
  type WebhookEndpointMade,
  WebhookEndpointParams,
  WebhookReplayBody,
  type WebhookReplayed,
} from '@usher/contract';
import { validate as isUuid } from 'uuid';
import type { z } from 'zod';
import { createInvalidRequestError } from '../common/invalid-request.js';
import {
  type AuditCaller,
  AuditCallerOf,
  Idempotent,
  type KeyHolder,
  KeyHolderOf,
  KeyScoped,
  PartnerKeyGuard,
} from '../access/index.js';
import { WebhookDeliveriesRepository } from './webhook-deliveries.repository.js';
import { WebhookEndpointsRepository } from './webhook-endpoints.repository.js';

type Endpoint = z.output<typeof WebhookEndpointParams>;

/** REST calls with which partners register webhook endpoints, and look up and replay deliveries. */
@Controller('v1/partners/webhooks')
@UseGuards(PartnerKeyGuard)
// Each key sees only its own endpoints, and an endpoint gets only the events in the scope of its key.
@KeyScoped('filtered')
export class WebhooksController {
  constructor(
    private readonly endpoints: WebhookEndpointsRepository,
    private readonly deliveries: WebhookDeliveriesRepository,
  ) {}

  @Post()
  @Header('Cache-Control', 'no-store')
  @Idempotent()
  createWebhook(
    @KeyHolderOf() { keyId }: KeyHolder,
    @Body({ schema: WebhookEndpointBody }) body: WebhookEndpointBody,
    @AuditCallerOf() caller: AuditCaller,
  ): Promise<WebhookEndpointMade> {
    return this.endpoints.create(keyId, body, caller);
  }

  @Get()
  @Header('Cache-Control', 'no-store')
  listWebhooks(
    @KeyHolderOf() { keyId }: KeyHolder,
    @Query({ schema: PageQuery }) { limit, cursor }: PageQuery,
  ): Promise<Page<WebhookEndpoint>> {
    return this.endpoints.list(keyId, limit, uuidOrNull(cursor));
  }

  @Delete(':endpointId')
  @HttpCode(204)
  deleteWebhook(
    @KeyHolderOf() { keyId }: KeyHolder,
    @Param({ schema: WebhookEndpointParams }) { endpointId }: Endpoint,
    @AuditCallerOf() caller: AuditCaller,
  ): Promise<void> {
    return this.endpoints.delete(keyId, endpointId, caller);
  }

  @Get(':endpointId/deliveries')
  @Header('Cache-Control', 'no-store')
  async listWebhookDeliveries(
    @KeyHolderOf() { keyId }: KeyHolder,
    @Param({ schema: WebhookEndpointParams }) { endpointId }: Endpoint,
    @Query({ schema: WebhookDeliveriesQuery })
    { status, limit, cursor }: z.output<typeof WebhookDeliveriesQuery>,
  ): Promise<Page<WebhookDelivery>> {
    await this.endpoints.requireOwn(keyId, endpointId);
    return this.deliveries.list(endpointId, status ?? null, limit, uuidOrNull(cursor));
  }

  @Post(':endpointId/replays')
  @HttpCode(200)
  @Idempotent()
  async replayWebhooks(
    @KeyHolderOf() { keyId }: KeyHolder,
    @Param({ schema: WebhookEndpointParams }) { endpointId }: Endpoint,
    @Body({ schema: WebhookReplayBody }) body: WebhookReplayBody,
    @AuditCallerOf() caller: AuditCaller,
  ): Promise<WebhookReplayed> {
    await this.endpoints.requireOwn(keyId, endpointId);
    return { deliveries: await this.deliveries.replay(endpointId, body, caller) };
  }
}

function uuidOrNull(cursor: string | undefined): string | null {
  if (cursor === undefined) return null;
  if (isUuid(cursor)) return cursor;
  throw createInvalidRequestError([
    { path: ['cursor'], message: 'belongs to a different list; start again without a cursor' },
  ]);
}
