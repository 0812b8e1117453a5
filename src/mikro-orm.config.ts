import { catalogEntities } from './catalog/index.js';
import { DatabaseIdentity } from './database/database-identity.entity.js';
import { WriteProbeRow } from './database/write-probe.entity.js';
import { DatabaseSecretRow } from './database/database-secret.entity.js';
import { createOrmOptions } from './database/orm-options.js';
import { paymentEntities } from './payments/entities/index.js';
import { BookingContactRow } from './mail/booking-contact.entity.js';
import { MailMessage } from './mail/mail-message.entity.js';
import { WebhookDeliveryRow } from './partners/webhook-delivery.entity.js';
import { WebhookEndpointRow } from './partners/webhook-endpoint.entity.js';
import { PushMessage, PushSubscriptionRow } from './push/index.js';
import { ApiKeyRow, IdempotencyKeyRow } from './access/index.js';
import { salesEntities } from './shows/index.js';
import { AdmissionConflictRow, TicketKeyRow, TicketRow } from './tickets/index.js';

/** Those of tickets, check-in, keys, mails and webhooks. */
const ticketEntities = [
  TicketRow,
  TicketKeyRow,
  AdmissionConflictRow,
  ApiKeyRow,
  BookingContactRow,
  MailMessage,
  WebhookEndpointRow,
  WebhookDeliveryRow,
];

/** Every table's entity: the composition root knows them all. */
export const entities = [
  ...catalogEntities,
  ...salesEntities,
  ...paymentEntities,
  PushMessage,
  PushSubscriptionRow,
  DatabaseSecretRow,
  DatabaseIdentity,
  IdempotencyKeyRow,
  WriteProbeRow,
  ...ticketEntities,
];

/** For MikroORM's command line only, which is called in the project's folder; the service makes its own. */
export default createOrmOptions('postgres://usher@127.0.0.1/usher', entities, {
  migrationsFolder: 'src/database/migrations',
});
