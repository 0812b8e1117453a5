import { OperatorStatus, SignedOut, SignInAnswerQuery, SignInQuery } from './operators.js';

const ofOperators = { tag: 'Operators', needsSession: false, isCacheable: false } as const;

/** Endpoints with which staff sign in at the identity provider of the installation. Buyers need no sign-in. */
export const operatorEndpoints = {
  startSignIn: {
    ...ofOperators,
    method: 'get',
    path: '/v1/operators/sign-in',
    summary: 'Send the browser to the identity provider. Open this address as a page. It is no call for a script',
    query: SignInQuery,
    status: 303,
    answer: null,
    answerHeaders: { Location: 'The page of the identity provider' },
    errors: ['INVALID_REQUEST', 'NOT_FOUND', 'SIGN_IN_UNAVAILABLE'],
  },
  finishSignIn: {
    ...ofOperators,
    method: 'get',
    path: '/v1/operators/callback',
    summary:
      'Finish a sign-in. The identity provider sends the browser here. The answer sets the cookie of the operator and sends ' +
      'the browser to `returnTo`',
    query: SignInAnswerQuery,
    status: 303,
    answer: null,
    answerHeaders: { Location: 'The path that the sign-in was started with' },
    errors: ['INVALID_REQUEST', 'NOT_FOUND', 'SIGN_IN_FAILED', 'SIGN_IN_UNAVAILABLE', 'BUSY'],
  },
  getOperator: {
    ...ofOperators,
    method: 'get',
    path: '/v1/operators/me',
    summary: 'Tell who has signed in with this browser, and whether this service has an identity provider',
    status: 200,
    answer: OperatorStatus,
    errors: ['BUSY'],
  },
  signOut: {
    ...ofOperators,
    method: 'post',
    path: '/v1/operators/sign-out',
    summary: 'End the sign-in of this browser on every node, and close its sockets',
    status: 200,
    answer: SignedOut,
    errors: ['FORBIDDEN', 'BUSY'],
  },
} as const;
