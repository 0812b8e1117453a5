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
    // If a ticket admits no one, the call itself has not failed. The answer therefore has the same shape.
    otherAnswers: { 400: CheckIn, 409: CheckIn },
    errors: [...errors, 'KEY_REUSED'],
  },
  getGateList: {
    ...forGates,
    method: 'get',
    path: '/v1/tickets/check-ins',
    summary: 'Get the verification keys and all tickets of a show, for a gate that may lose its network',
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
      'Upload the admissions that a gate made while it had no network. A repeated upload gets the same answers and has no ' +
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
    summary: 'List the people whom gates admitted without a valid ticket while they had no network, newest first',
    query: AdmissionConflictsQuery,
    status: 200,
    answer: pageSchema(AdmissionConflict),
    errors: [...errors, 'NOT_FOUND'],
  },
} as const;
