import { Body, Controller, Delete, Get, Header, Param, Post, Query, UseGuards } from '@nestjs/common';
import { type ApiKey, ApiKeyBody, type ApiKeyMade, ApiKeyParams, type Page, PageQuery } from '@usher/contract';
import { validate as isUuid } from 'uuid';
import type { z } from 'zod';
import { CatalogService, ListingsService } from '../catalog/index.js';
import { createInvalidRequestError } from '../common/invalid-request.js';
import { AdminKeyGuard, type AuditCaller, AuditCallerOf, Idempotent } from '../access/index.js';
import { ApiKeysAdministration } from './api-keys-administration.service.js';

/** Manages the API keys of staff, gates, kiosks and partners. */
@Controller('v1/admin/api-keys')
@UseGuards(AdminKeyGuard)
export class ApiKeysController {
  constructor(
    private readonly keys: ApiKeysAdministration,
    private readonly catalog: CatalogService,
    private readonly listings: ListingsService,
  ) {}

  @Post()
  @Header('Cache-Control', 'no-store')
  @Idempotent()
  async createApiKey(
    @Body({ schema: ApiKeyBody }) body: ApiKeyBody,
    @AuditCallerOf() caller: AuditCaller,
  ): Promise<ApiKeyMade> {
    // A key for an unknown show or cinema would be useless, so the call fails with NOT_FOUND.
    if (body.showId !== null) await this.catalog.show(body.showId);
    if (body.cinemaId !== null) await this.listings.cinema(body.cinemaId);
    return this.keys.create(body, caller);
  }

  @Get()
  @Header('Cache-Control', 'no-store')
  listApiKeys(@Query({ schema: PageQuery }) { limit, cursor }: PageQuery): Promise<Page<ApiKey>> {
    if (cursor !== undefined && !isUuid(cursor)) {
      throw createInvalidRequestError([
        { path: ['cursor'], message: 'This cursor belongs to a different list. Start again without a cursor.' },
      ]);
    }
    return this.keys.list(limit, cursor ?? null);
  }

  @Delete(':keyId')
  revokeApiKey(
    @Param({ schema: ApiKeyParams }) { keyId }: z.output<typeof ApiKeyParams>,
    @AuditCallerOf() caller: AuditCaller,
  ): Promise<ApiKey> {
    return this.keys.revoke(keyId, caller);
  }
}
