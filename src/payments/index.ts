/** The public entry point of `src/payments`. */
export { SessionPayments } from './session-payments.js';
