import { Module } from '@nestjs/common';
import { AuditAddressEraser } from './address-eraser.service.js';
import { AuditExport } from './audit-export.service.js';
import { AuditController } from './audit.controller.js';
import { AuditRepository } from './audit.repository.js';

/** Reads the audit trail and erases its old addresses. The features themselves write the entries. */
@Module({
  controllers: [AuditController],
  providers: [AuditRepository, AuditExport, AuditAddressEraser],
})
export class AuditModule {}
