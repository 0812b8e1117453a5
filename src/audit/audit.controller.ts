import { Controller, Get, Header, Query, Res, UseGuards } from '@nestjs/common';
import { type AuditEntry, AuditExportQuery, AuditQuery, type Page } from '@usher/contract';
import type { Response } from 'express';
import { AdminKeyGuard, CallCost, type KeyHolder, KeyHolderOf, KeyScoped } from '../access/index.js';
import { AuditExport } from './audit-export.service.js';
import { AuditRepository } from './audit.repository.js';

/** Lets administrators read and export the audit trail. A key that is limited to cinemas or a show reads only their entries. */
@Controller('v1/admin/audit')
@UseGuards(AdminKeyGuard)
@KeyScoped('filtered')
export class AuditController {
  constructor(
    private readonly repository: AuditRepository,
    private readonly exports: AuditExport,
  ) {}

  @Get()
  @Header('Cache-Control', 'no-store')
  listAuditEntries(
    @KeyHolderOf() holder: KeyHolder,
    @Query({ schema: AuditQuery }) query: AuditQuery,
  ): Promise<Page<AuditEntry>> {
    return this.repository.list(query, holder);
  }

  @Get('export')
  @CallCost('auditExport')
  exportAuditEntries(
    @KeyHolderOf() holder: KeyHolder,
    @Query({ schema: AuditExportQuery }) query: AuditExportQuery,
    @Res() response: Response,
  ): Promise<void> {
    return this.exports.send(response, query, holder);
  }
}
