import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { CatalogModule } from '../catalog/index.js';
import type { Config } from '../config/config.js';
import { DatabaseSecrets } from '../database/database-secrets.js';
import { BookingRepository, ShowsModule, ShowsService } from '../shows/index.js';
import { PAYMENT_GATEWAY, type PaymentGateway } from './payment-gateway.js';
import { PaymentWebhooksController } from './payment-webhooks.controller.js';
import { PaymentWorkers } from './payment-workers.service.js';
import { PaymentsController } from './payments.controller.js';
import { PaymentsService } from './payments.service.js';
import { PostgresPaymentStore } from './postgres-payment-store.js';
import { RefundsService } from './refunds.service.js';
import { ListenAddress } from '../common/listen-address.js';
import { SandboxApiController } from './sandbox/sandbox-api.controller.js';
import { SandboxBooks } from './sandbox/sandbox-books.js';
import { SandboxWebhookWorker } from './sandbox/sandbox-webhook-worker.service.js';
import { SandboxGateway } from './sandbox/sandbox-gateway.js';
import { SandboxPayController } from './sandbox/sandbox-pay.controller.js';
import { SandboxProvider } from './sandbox/sandbox-provider.service.js';
import { loadSandboxSecrets, SANDBOX_SECRETS } from './sandbox/sandbox-secrets.js';
import { TicketsModule } from '../tickets/index.js';
import { PaymentCanceller } from './payment-canceller.service.js';
import { PAYMENT_RECONCILER, PaymentReconciler } from './payment-reconciler.js';
import { StripeGateway } from './stripe/stripe-gateway.js';

const reconciler: Provider = {
  provide: PAYMENT_RECONCILER,
  inject: [ShowsService, BookingRepository, PostgresPaymentStore, PAYMENT_GATEWAY],
  useFactory: (
    shows: ShowsService,
    bookings: BookingRepository,
    store: PostgresPaymentStore,
    gateway: PaymentGateway,
  ) => {
    const submit: ShowsService['submit'] = (showId, command) => shows.submit(showId, command);
    return new PaymentReconciler({ submit, findBooking: (id) => bookings.find(id) }, store, gateway);
  },
};

/** The sandbox provider. It acts like an external service, but it runs in this process. */
const sandbox = {
  controllers: [SandboxApiController, SandboxPayController],
  providers: [
    { provide: SANDBOX_SECRETS, inject: [DatabaseSecrets], useFactory: loadSandboxSecrets },
    ListenAddress,
    SandboxBooks,
    SandboxProvider,
    SandboxWebhookWorker,
    { provide: PAYMENT_GATEWAY, useClass: SandboxGateway },
  ],
};

const stripe = { controllers: [], providers: [{ provide: PAYMENT_GATEWAY, useClass: StripeGateway }] };

/** Payments and refunds. */
@Module({})
export class PaymentsModule {
  static with({ paymentProvider }: Config): DynamicModule {
    const { controllers, providers } = paymentProvider === 'stripe' ? stripe : sandbox;
    return {
      module: PaymentsModule,
      // The erasure of sessions cancels payments, and a dynamic module cannot be imported without its settings.
      global: true,
      exports: [PaymentCanceller],
      imports: [ShowsModule, CatalogModule, TicketsModule],
      controllers: [PaymentsController, PaymentWebhooksController, ...controllers],
      providers: [
        PostgresPaymentStore,
        PaymentCanceller,
        PaymentsService,
        RefundsService,
        PaymentWorkers,
        reconciler,
        ...providers,
      ],
    };
  }
}
