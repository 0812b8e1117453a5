import { Module } from '@nestjs/common';
import { CatalogModule } from '../catalog/index.js';
import { CONFIG } from '../config/config.js';
import { ShowsModule } from '../shows/index.js';
import { TicketsModule } from '../tickets/index.js';
import { ListenAddress } from '../common/listen-address.js';
import { BookingMailsService } from './booking-mails.service.js';
import { MailOutbox } from './mail-outbox.js';
import { MailSender } from './mail-sender.service.js';
import { MAIL_TRANSPORT, mailTransport } from './mail-transport.js';
import { MailWriterService } from './mail-writer.service.js';
import { MailsController } from './mails.controller.js';
import { WayBackService } from './way-back.service.js';

/** Mails to buyers: tickets, refunds, shows called off. */
@Module({
  imports: [CatalogModule, ShowsModule, TicketsModule],
  controllers: [MailsController],
  providers: [
    { provide: MAIL_TRANSPORT, inject: [CONFIG], useFactory: mailTransport },
    MailOutbox,
    MailWriterService,
    ListenAddress,
    WayBackService,
    MailSender,
    BookingMailsService,
  ],
  exports: [BookingMailsService],
})
export class MailModule {}
