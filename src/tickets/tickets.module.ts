import { Module } from '@nestjs/common';
import { CatalogModule } from '../catalog/index.js';
import { ShowsModule } from '../shows/index.js';
import { AdmissionConflicts } from './check-in/admission-conflicts.js';
import { CheckInService } from './check-in/check-in.service.js';
import { CheckInsController } from './check-in/check-ins.controller.js';
import { TicketKeyRing } from './keys/ticket-key-ring.service.js';
import { TicketKeysController } from './keys/ticket-keys.controller.js';
import { TicketDocumentsService } from './ticket-documents.service.js';
import { TicketStore } from './ticket-store.js';
import { TicketsController } from './tickets.controller.js';
import { TicketsService } from './tickets.service.js';
import { WalletsModule } from './wallets/wallets.module.js';
import { WalletsController } from './wallets.controller.js';

/** Creates tickets with their codes and documents, and checks them in at the gates. */
@Module({
  imports: [CatalogModule, ShowsModule, WalletsModule],
  controllers: [TicketsController, WalletsController, CheckInsController, TicketKeysController],
  providers: [TicketStore, TicketKeyRing, TicketsService, TicketDocumentsService, AdmissionConflicts, CheckInService],
  exports: [TicketsService, TicketDocumentsService],
})
export class TicketsModule {}
