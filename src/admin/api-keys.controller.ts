import { Body, Controller, Delete, Get, Header, Param, Post, Query, UseGuards } from '@nestjs/common';
import {
  type ApiKey,
  ApiKeyBody,
  type ApiKeyMade,
  ApiKeyParams,
  ApiKeyRotateBody,
  type Page,
  PageQuery,
} from '@usher/contract';
import { validate as isUuid } from 'uuid';
import type { z } from 'zod';
import { CatalogService, ListingsService } from '../catalog/index.js';
import { createInvalidRequestError } from '../common/invalid-request.js';
import {
  AdminKeyGuard,
  type AuditCaller,
  AuditCallerOf,
  Idempotent,
  type KeyHolder,
  KeyHolderOf,
  KeyScoped,
} from '../access/index.js';
import { ApiKeysAdministration } from './api-keys-administration.service.js';

/** Manages the API keys of staff, gates, kiosks and partners. */
@Controller('v1/admin/api-keys')
@UseGuards(AdminKeyGuard)
@KeyScoped('filtered')
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
    @KeyHolderOf() holder: KeyHolder,
    @AuditCallerOf() caller: AuditCaller,
    @Body({ schema: ApiKeyBody }) body: ApiKeyBody,
  ): Promise<ApiKeyMade> {
    // A key for an unknown show or cinema would be useless, so the call fails with NOT_FOUND.
    if (body.showId !== null) await this.catalog.show(body.showId);
    await this.listings.requireCinemas(body.cinemaIds ?? (body.cinemaId === null ? [] : [body.cinemaId]));
    return this.keys.create(holder, caller, body);
  }

  @Get()
  @Header('Cache-Control', 'no-store')
  listApiKeys(
    @KeyHolderOf() holder: KeyHolder,
    @Query({ schema: PageQuery }) { limit, cursor }: PageQuery,
  ): Promise<Page<ApiKey>> {
    if (cursor !== undefined && !isUuid(cursor)) {
      throw createInvalidRequestError([
        { path: ['cursor'], message: 'This cursor belongs to a different list. Start again without a cursor.' },
      ]);
    }
    return this.keys.list(holder, limit, cursor ?? null);
  }

  @Post(':keyId/rotate')
  @Header('Cache-Control', 'no-store')
  @Idempotent()
  rotateApiKey(
    @KeyHolderOf() holder: KeyHolder,
    @AuditCallerOf() caller: AuditCaller,
    @Param({ schema: ApiKeyParams }) { keyId }: z.output<typeof ApiKeyParams>,
    @Body({ schema: ApiKeyRotateBody }) { overlapSeconds }: ApiKeyRotateBody,
  ): Promise<ApiKeyMade> {
    return this.keys.rotate(holder, caller, keyId, overlapSeconds);
  }

  @Delete(':keyId')
  revokeApiKey(
    @KeyHolderOf() holder: KeyHolder,
    @AuditCallerOf() caller: AuditCaller,
    @Param({ schema: ApiKeyParams }) { keyId }: z.output<typeof ApiKeyParams>,
  ): Promise<ApiKey> {
    return this.keys.revoke(holder, caller, keyId);
  }
}
