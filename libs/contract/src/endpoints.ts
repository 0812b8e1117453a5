import { accessCodeEndpoints } from './access-codes/access-code-endpoints.js';
import { apiKeyEndpoints } from './access/api-key-endpoints.js';
import { operatorEndpoints } from './access/operator-endpoints.js';
import { sessionEndpoints } from './access/session-endpoints.js';
import { adminEndpoints } from './admin/admin-endpoints.js';
import { challengeEndpoints } from './admission/challenge-endpoints.js';
import { auditEndpoints } from './audit/audit-endpoints.js';
import { catalogEndpoints } from './catalog/catalog-endpoints.js';
import type { Endpoint } from './endpoint.js';
import { queueEndpoints } from './line/queue-endpoints.js';
import { notificationEndpoints } from './notifications/notification-endpoints.js';
import { paymentEndpoints } from './payments/payment-endpoints.js';
import { riskEndpoints } from './risk/risk-endpoints.js';
import { bookingEndpoints } from './seats/booking-endpoints.js';
import { checkInEndpoints } from './tickets/check-in-endpoints.js';
import { ticketEndpoints } from './tickets/ticket-endpoints.js';

/** All REST endpoints of this version. The name of an endpoint is the `operationId` in the OpenAPI document. */
export const endpoints = {
  ...sessionEndpoints,
  ...catalogEndpoints,
  ...bookingEndpoints,
  ...queueEndpoints,
  ...challengeEndpoints,
  ...accessCodeEndpoints,
  ...paymentEndpoints,
  ...ticketEndpoints,
  ...checkInEndpoints,
  ...notificationEndpoints,
  ...adminEndpoints,
  ...apiKeyEndpoints,
  ...auditEndpoints,
  ...operatorEndpoints,
  ...riskEndpoints,
} as const satisfies Record<string, Endpoint>;
export type EndpointName = keyof typeof endpoints;
