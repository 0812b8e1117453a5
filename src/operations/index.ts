/** The public entry point of `src/operations`. */
export { OperationsModule } from './operations.module.js';
export { OperationsPort } from './operations-port.js';
