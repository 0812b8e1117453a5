/** The public entry point of `src/push`. */
export { PushMessage } from './push-message.entity.js';
export { PushSubscriptionRow } from './push-subscription.entity.js';
export { SessionPushes } from './session-pushes.js';
export { PushModule } from './push.module.js';
