export { AdminKeyGuard } from '../../realtime/api-keys/api-key.guard.js';
