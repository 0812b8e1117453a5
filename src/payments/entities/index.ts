import { PaymentEvent } from './payment-event.entity.js';
import { Payment } from './payment.entity.js';
import { SandboxDelivery } from './sandbox-delivery.entity.js';
import { SandboxPayment } from './sandbox-payment.entity.js';

/** The tables of payments, and those of the sandbox provider. Refunds are the lane's to write: see `src/shows`. */
export const paymentEntities = [Payment, PaymentEvent, SandboxPayment, SandboxDelivery];
