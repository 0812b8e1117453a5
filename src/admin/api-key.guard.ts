export { AdminKeyGuard } from '../access/api-keys/api-key.guard.js';
