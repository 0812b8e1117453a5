import { Session } from './sessions.js';

/** The endpoint that starts and renews sessions. */
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
} as const;
