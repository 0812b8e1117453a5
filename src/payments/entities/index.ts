import { PaymentEvent } from './payment-event.entity.js';
import { Payment } from './payment.entity.js';
import { SandboxDelivery } from './sandbox-delivery.entity.js';
import { SandboxPayment } from './sandbox-payment.entity.js';

/**
 * The tables of payments and of the sandbox provider. The table of refunds is in `src/shows`, because the show's lane
 * writes it.
 */
export const paymentEntities = [Payment, PaymentEvent, SandboxPayment, SandboxDelivery];
