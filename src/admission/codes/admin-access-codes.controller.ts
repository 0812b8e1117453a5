import { Body, Controller, Delete, Get, Header, Param, Post, Query, UseGuards, UseInterceptors } from '@nestjs/common';
import {
  type AccessCodeBatch,
  AccessCodeBatchBody,
  type AccessCodeBatchMade,
  AccessCodeBatchParams,
  type Page,
  PageQuery,
  ShowParams,
} from '@usher/contract';
import type { z } from 'zod';
import { AdminKeyGuard, type AuditCaller, AuditCallerOf, Idempotent, KeyScoped } from '../../access/index.js';
import { AccessCodesAdministration } from './access-codes-administration.service.js';
import { AccessCodesCsv } from './access-codes-csv.interceptor.js';

/** Creates, lists and revokes batches of access codes. */
@Controller('v1/admin/shows/:showId/access-codes')
@UseGuards(AdminKeyGuard)
@KeyScoped({ show: 'params.showId' })
export class AdminAccessCodesController {
  constructor(private readonly administration: AccessCodesAdministration) {}

  // Nest calls the interceptor of the last decorator first, so a repeated answer is converted to CSV too.
  @Post()
  @Header('Cache-Control', 'no-store')
  @Idempotent()
  @UseInterceptors(AccessCodesCsv)
  createAccessCodes(
    @Param({ schema: ShowParams }) { showId }: z.output<typeof ShowParams>,
    @Body({ schema: AccessCodeBatchBody }) body: AccessCodeBatchBody,
    @AuditCallerOf() caller: AuditCaller,
  ): Promise<AccessCodeBatchMade> {
    return this.administration.create(showId, caller, body);
  }

  @Get()
  @Header('Cache-Control', 'no-store')
  listAccessCodes(
    @Param({ schema: ShowParams }) { showId }: z.output<typeof ShowParams>,
    @Query({ schema: PageQuery }) { limit, cursor }: PageQuery,
  ): Promise<Page<AccessCodeBatch>> {
    return this.administration.list(showId, limit, cursor ?? null);
  }

  @Delete(':batchId')
  revokeAccessCodes(
    @Param({ schema: AccessCodeBatchParams }) { showId, batchId }: z.output<typeof AccessCodeBatchParams>,
    @AuditCallerOf() caller: AuditCaller,
  ): Promise<AccessCodeBatch> {
    return this.administration.revoke(showId, caller, batchId);
  }
}
