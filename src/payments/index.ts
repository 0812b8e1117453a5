/** The public entry point of `src/payments`. */
export { PaymentCanceller } from './payment-canceller.service.js';
export { SessionPayments } from './session-payments.js';
