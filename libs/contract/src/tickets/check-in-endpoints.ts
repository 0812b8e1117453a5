import { IdempotencyHeaders } from '../values/idempotency.js';
import { pageSchema } from '../values/pages.js';
import {
  AdmissionConflict,
  AdmissionConflictsQuery,
  CheckIn,
  CheckInBody,
  GateList,
  GateListQuery,
  OfflineCheckIns,
  OfflineCheckInsDone,
} from './check-ins.js';

const forGates = { role: 'gate', needsSession: false, isCacheable: false, tag: 'Check-in' } as const;
const errors = ['INVALID_REQUEST', 'UNAUTHENTICATED', 'FORBIDDEN', 'BUSY'] as const;

/** Endpoints for the gates that check tickets in. */
export const checkInEndpoints = {
  checkIn: {
    ...forGates,
    method: 'post',
    path: '/v1/tickets/check-ins',
    summary: 'Check one ticket in. A ticket admits only once',
    headers: IdempotencyHeaders,
    body: CheckInBody,
    status: 200,
    answer: CheckIn,
    // A ticket that does not admit is not an error of the call, so the answer has the same shape.
    otherAnswers: { 400: CheckIn, 409: CheckIn },
    errors: [...errors, 'KEY_REUSED'],
  },
  getGateList: {
    ...forGates,
    method: 'get',
    path: '/v1/tickets/check-ins',
    summary: 'Get all tickets of a show and the keys, for a gate that may lose its network',
    query: GateListQuery,
    status: 200,
    answer: GateList,
    errors: [...errors, 'NOT_FOUND'],
  },
  handInCheckIns: {
    ...forGates,
    method: 'post',
    path: '/v1/tickets/check-ins/offline',
    summary:
      'Upload the people whom a gate admitted while it had no network. A repeated upload gets the same answers and has no ' +
      'further effect',
    headers: IdempotencyHeaders,
    body: OfflineCheckIns,
    status: 200,
    answer: OfflineCheckInsDone,
    errors: [...errors, 'KEY_REUSED'],
  },
  listAdmissionConflicts: {
    ...forGates,
    method: 'get',
    path: '/v1/tickets/check-ins/conflicts',
    summary: 'List the people whom gates without a network admitted without a valid ticket, newest first',
    query: AdmissionConflictsQuery,
    status: 200,
    answer: pageSchema(AdmissionConflict),
    errors: [...errors, 'NOT_FOUND'],
  },
} as const;
