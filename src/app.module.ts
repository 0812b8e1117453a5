import { type DynamicModule, Module } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import { AccessModule } from './access/index.js';
import { AdmissionModule } from './admission/index.js';
import { ApiDocsModule } from './api-docs/api-docs.module.js';
import { AuditModule } from './audit/audit.module.js';
import { CatalogModule } from './catalog/index.js';
import type { Config } from './config/config.js';
import { ConfigModule } from './config/config.module.js';
import { DatabaseModule } from './database/database.module.js';
import { createLoggerParams } from './logging.js';
import { MailModule } from './mail/mail.module.js';
import { entities, secretColumns } from './mikro-orm.config.js';
import { AdminModule } from './admin/index.js';
import { OperationsModule } from './operations/index.js';
import { PaymentsModule } from './payments/payments.module.js';
import { PartnersModule } from './partners/partners.module.js';
import { LinesModule } from './lines/index.js';
import { RealtimeModule } from './realtime/index.js';
import { PrivacyModule } from './privacy/index.js';
import { PushModule } from './push/index.js';
import { ReservationsModule } from './reservations/index.js';
import { SeatMapModule } from './seat-map/index.js';
import { SoapModule } from './soap/soap.module.js';
import { TicketsModule } from './tickets/index.js';
import { WebPages } from './web-pages.js';

/** The root module. It connects all modules of the service. */
@Module({})
export class AppModule {
  static with(config: Config, databaseUrl: string): DynamicModule {
    return {
      module: AppModule,
      imports: [
        LoggerModule.forRoot(createLoggerParams(config)),
        ConfigModule.with(config),
        DatabaseModule.with(databaseUrl, entities, secretColumns),
        RealtimeModule,
        AccessModule,
        CatalogModule,
        AdmissionModule,
        ReservationsModule,
        SeatMapModule,
        LinesModule,
        PushModule,
        PaymentsModule.with(config),
        TicketsModule,
        MailModule,
        PartnersModule,
        PrivacyModule,
        SoapModule,
        OperationsModule,
        ApiDocsModule,
        AdminModule,
        AuditModule,
      ],
      providers: [WebPages],
    };
  }
}
