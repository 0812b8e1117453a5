import { pageSchema } from '../values/pages.js';
import { ShowParams } from '../values/path-params.js';
import { RiskCase, RiskCasesQuery, RiskRelease, RiskReleaseBody, RiskSources } from './risk.js';

const forStaff = { role: 'staff', needsSession: false, isCacheable: false, tag: 'Risk', status: 200 } as const;
const errors = ['INVALID_REQUEST', 'UNAUTHENTICATED', 'FORBIDDEN', 'BUSY'] as const;

/** Endpoints with which staff see risk cases and release what a pattern holds. The role `admin` may call them too. */
export const riskEndpoints = {
  listRiskCases: {
    ...forStaff,
    method: 'get',
    path: '/v1/admin/risk/cases',
    summary:
      'List calls of the last day that were challenged, slowed, refused or had a high score, newest first. Also for the ' +
      'role `admin`',
    query: RiskCasesQuery,
    answer: pageSchema(RiskCase),
    errors,
  },
  listRiskSources: {
    ...forStaff,
    method: 'get',
    path: '/v1/admin/risk/shows/{showId}/sources',
    summary:
      'List the sources that have seats or places in a show, or cases, those with the most held seats first, at most ' +
      '100. Also for the role `admin`',
    params: ShowParams,
    answer: RiskSources,
    errors: [...errors, 'NOT_FOUND'],
  },
  releaseRiskPattern: {
    ...forStaff,
    method: 'post',
    path: '/v1/admin/risk/shows/{showId}/releases',
    summary:
      'Release all unpaid holds and all places in lines of some sources and sessions. Paid bookings and holds whose payment is running stay. A repeated ' +
      'call is harmless. Also for the role `admin`',
    params: ShowParams,
    body: RiskReleaseBody,
    answer: RiskRelease,
    errors: [...errors, 'NOT_FOUND'],
  },
} as const;
