import { Body, Controller, Delete, Get, Header, Param, Post, Query, UseGuards } from '@nestjs/common';
import { type ApiKey, ApiKeyBody, type ApiKeyMade, ApiKeyParams, type Page, PageQuery } from '@usher/contract';
import { validate as isUuid } from 'uuid';
import type { z } from 'zod';
import { CatalogService } from '../catalog/catalog.service.js';
import { ListingsService } from '../catalog/listings.service.js';
import { invalidRequest } from '../common/invalid-request.js';
import { AdminKeyGuard } from '../access/api-keys/api-key.guard.js';
import { ApiKeys } from '../access/api-keys/api-keys.service.js';
import { Idempotent } from '../access/idempotency/idempotent.interceptor.js';

/** The keys of staff, gates, kiosks and partners. */
@Controller('v1/admin/api-keys')
@UseGuards(AdminKeyGuard)
export class ApiKeysController {
  constructor(
    private readonly keys: ApiKeys,
    private readonly catalog: CatalogService,
    private readonly listings: ListingsService,
  ) {}

  @Post()
  @Header('Cache-Control', 'no-store')
  @Idempotent()
  async createApiKey(@Body({ schema: ApiKeyBody }) body: ApiKeyBody): Promise<ApiKeyMade> {
    // NOT_FOUND now, and not a gate that lets nobody in.
    if (body.showId !== null) await this.catalog.show(body.showId);
    if (body.cinemaId !== null) await this.listings.cinema(body.cinemaId);
    return this.keys.create(body);
  }

  @Get()
  @Header('Cache-Control', 'no-store')
  listApiKeys(@Query({ schema: PageQuery }) { limit, cursor }: PageQuery): Promise<Page<ApiKey>> {
    if (cursor !== undefined && !isUuid(cursor)) {
      throw invalidRequest([{ path: ['cursor'], message: 'is none of this list' }]);
    }
    return this.keys.list(limit, cursor ?? null);
  }

  @Delete(':keyId')
  revokeApiKey(@Param({ schema: ApiKeyParams }) { keyId }: z.output<typeof ApiKeyParams>): Promise<ApiKey> {
    return this.keys.revoke(keyId);
  }
}
