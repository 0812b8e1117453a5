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
import { ApiKeyRow, AuditEntryRow, AuditHeadRow, IdempotencyKeyRow } from './access/index.js';
import { salesEntities } from './shows/index.js';
import { AdmissionConflictRow, TicketKeyRow, TicketRow } from './tickets/index.js';

/** The entities of tickets, check-in, keys, mails and webhooks. */
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

/** The entities of all tables. */
export const entities = [
  ...catalogEntities,
  ...salesEntities,
  ...paymentEntities,
  PushMessage,
  PushSubscriptionRow,
  DatabaseSecretRow,
  DatabaseIdentity,
  IdempotencyKeyRow,
  AuditEntryRow,
  AuditHeadRow,
  WriteProbeRow,
  ...ticketEntities,
];

/**
 * Options for MikroORM's command line, which runs in the project's folder. The service itself does not use these
 * options.
 */
export default createOrmOptions('postgres://usher@127.0.0.1/usher', entities, {
  migrationsFolder: 'src/database/migrations',
});
