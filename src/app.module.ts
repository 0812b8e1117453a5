import type { ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { type DynamicModule, Module } from '@nestjs/common';
import { ServeStaticModule } from '@nestjs/serve-static';
import { LoggerModule } from 'nestjs-pino';
import { CatalogModule } from './catalog/catalog.module.js';
import type { Config } from './config/config.js';
import { ConfigModule } from './config/config.module.js';
import { DatabaseModule } from './database/database.module.js';
import { logging } from './logging.js';
import { MailModule } from './mail/mail.module.js';
import { entities } from './mikro-orm.config.js';
import { AdminModule } from './operations/admin/admin.module.js';
import { OperationsModule } from './operations/operations.module.js';
import { PaymentsModule } from './payments/payments.module.js';
import { PartnersModule } from './partners/partners.module.js';
import { QueueModule } from './queue/queue.module.js';
import { RealtimeModule } from './realtime/realtime.module.js';
import { ReservationsModule } from './reservations/reservations.module.js';
import { SoapModule } from './soap/soap.module.js';
import { TicketsModule } from './tickets/tickets.module.js';

/** The same place from `src` and from `dist`. */
const webFolder = fileURLToPath(new URL('../libs/web/dist', import.meta.url));

/** Files of the web app whose names change with their content are kept for ever; the page that names them is not. */
function cacheAssets(response: ServerResponse, path: string): void {
  if (path.includes('/assets/')) response.setHeader('Cache-Control', 'public, max-age=31536000, immutable');
}

/** The composition root. */
@Module({})
export class AppModule {
  static with(config: Config, databaseUrl: string): DynamicModule {
    return {
      module: AppModule,
      imports: [
        LoggerModule.forRoot(logging(config)),
        ConfigModule.with(config),
        DatabaseModule.with(databaseUrl, entities),
        RealtimeModule,
        CatalogModule,
        ReservationsModule,
        QueueModule,
        PaymentsModule.with(config),
        TicketsModule,
        MailModule,
        PartnersModule,
        SoapModule,
        OperationsModule,
        AdminModule,
        ServeStaticModule.forRoot({
          rootPath: webFolder,
          serveStaticOptions: { setHeaders: cacheAssets },
          // Any other address is a page of the web app, which finds its way by itself.
          exclude: [
            '/v1/{*path}',
            '/sandbox/{*path}',
            '/health/{*path}',
            '/docs{/*path}',
            '/metrics',
            '/soap',
            '/openapi.json',
            '/asyncapi.json',
            '/assets/{*path}',
          ],
        }),
      ],
    };
  }
}
