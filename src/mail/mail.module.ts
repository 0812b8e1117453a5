import { Module } from '@nestjs/common';
import { CatalogModule } from '../catalog/index.js';
import { CONFIG } from '../config/config.js';
import { ShowsModule } from '../shows/index.js';
import { TicketsModule } from '../tickets/index.js';
import { ListenAddress } from '../common/listen-address.js';
import { BookingMailsService } from './booking-mails.service.js';
import { MailFooterService } from './mail-footer.service.js';
import { MailLimits } from './mail-limits.service.js';
import { createMailTransport, MAIL_TRANSPORT } from './mail-transport.js';
import { MailWorker } from './mail-worker.service.js';
import { MailWriterService } from './mail-writer.service.js';
import { MailsController } from './mails.controller.js';
import { MailsRepository } from './mails.repository.js';

/** Mails to buyers: tickets, refunds, moved shows and cancelled shows. */
@Module({
  imports: [CatalogModule, ShowsModule, TicketsModule],
  controllers: [MailsController],
  providers: [
    { provide: MAIL_TRANSPORT, inject: [CONFIG], useFactory: createMailTransport },
    MailsRepository,
    MailLimits,
    MailWriterService,
    ListenAddress,
    MailFooterService,
    MailWorker,
    BookingMailsService,
  ],
  exports: [BookingMailsService],
})
export class MailModule {}
