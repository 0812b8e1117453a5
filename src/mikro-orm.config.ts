import { ChallengePassRow } from './admission/index.js';
import { catalogEntities } from './catalog/index.js';
import { DatabaseIdentity } from './database/database-identity.entity.js';
import { WriteProbeRow } from './database/write-probe.entity.js';
import { databaseSecretColumn, DatabaseSecretRow } from './database/database-secret.entity.js';
import { createOrmOptions } from './database/orm-options.js';
import { paymentEntities } from './payments/entities/index.js';
import { BookingContactRow } from './mail/booking-contact.entity.js';
import { MailCountRow } from './mail/mail-count.entity.js';
import { MailMessage } from './mail/mail-message.entity.js';
import { WebhookDeliveryRow } from './partners/webhook-delivery.entity.js';
import { WebhookEndpointRow, webhookSecretColumn } from './partners/webhook-endpoint.entity.js';
import { accessCodeEntities } from './admission/index.js';
import { SessionErasureRow, ShowAnonymizationRow } from './privacy/index.js';
import { PushMessage, PushSubscriptionRow } from './push/index.js';
import { ApiKeyRow, AuditEntryRow, AuditHeadRow, IdempotencyKeyRow, OperatorSessionRow } from './access/index.js';
import { salesEntities } from './shows/index.js';
import { RiskCaseRow } from './admission/index.js';
import { AdmissionConflictRow, ticketKeyColumn, TicketKeyRow, TicketRow } from './tickets/index.js';

/** The entities of tickets, check-in, keys, mails and webhooks. */
const ticketEntities = [
  TicketRow,
  TicketKeyRow,
  AdmissionConflictRow,
  ApiKeyRow,
  BookingContactRow,
  MailCountRow,
  MailMessage,
  WebhookEndpointRow,
  WebhookDeliveryRow,
];

/** The entities of all tables. */
export const entities = [
  ...catalogEntities,
  ...salesEntities,
  ...paymentEntities,
  ...accessCodeEntities,
  PushMessage,
  PushSubscriptionRow,
  DatabaseSecretRow,
  DatabaseIdentity,
  IdempotencyKeyRow,
  ChallengePassRow,
  AuditEntryRow,
  AuditHeadRow,
  OperatorSessionRow,
  WriteProbeRow,
  SessionErasureRow,
  ShowAnonymizationRow,
  RiskCaseRow,
  ...ticketEntities,
];

/** The columns that contain private keys or other secrets of the service. */
export const secretColumns = [databaseSecretColumn, ticketKeyColumn, webhookSecretColumn];

/**
 * Options for MikroORM's command line, which runs in the project's folder. The service itself does not use these
 * options.
 */
export default createOrmOptions('postgres://usher@127.0.0.1/usher', entities, {
  migrationsFolder: 'src/database/migrations',
});
