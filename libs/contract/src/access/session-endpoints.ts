import { SessionData, SessionErased } from './session-data.js';
import { Session } from './sessions.js';

const data = { path: '/v1/session/data', tag: 'Sessions', needsSession: true, isCacheable: false } as const;

/** The endpoints that start and renew sessions, and those for the data that the service has stored about a session. */
export const sessionEndpoints = {
  createSession: {
    method: 'post',
    path: '/v1/sessions',
    summary:
      'Start an anonymous session. A call with the valid token of a session renews it: the answer has the same ' +
      '`sessionId` and a fresh token',
    tag: 'Sessions',
    status: 201,
    answer: Session,
    needsSession: false,
    isCacheable: false,
    errors: [],
  },
  exportSessionData: {
    ...data,
    method: 'get',
    summary: 'Export everything that the service has stored about the session',
    status: 200,
    answer: SessionData,
    errors: ['UNAUTHENTICATED', 'BUSY'],
  },
  eraseSessionData: {
    ...data,
    method: 'delete',
    summary:
      'Erase everything that the service has stored about the session: its holds are released, it leaves all lines, and its ' +
      'addresses, unsent mails and push subscriptions are deleted. Its paid bookings stay under a random id, so their ' +
      'tickets stay valid. While a payment is pending, the call is refused with `BOOKING_STATE`. A repeated call is ' +
      'safe and continues an erasure that was interrupted',
    status: 200,
    answer: SessionErased,
    errors: ['UNAUTHENTICATED', 'BOOKING_STATE', 'BUSY'],
  },
} as const;
