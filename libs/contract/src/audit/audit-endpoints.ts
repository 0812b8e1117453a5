import { pageSchema } from '../values/pages.js';
import { AuditEntry, AuditExportQuery, AuditQuery } from './audit.js';

const forAdmins = { role: 'admin', needsSession: false, isCacheable: false, tag: 'Administration' } as const;
const errors = ['INVALID_REQUEST', 'UNAUTHENTICATED', 'FORBIDDEN', 'BUSY'] as const;

/** Endpoints that read the audit trail. */
export const auditEndpoints = {
  listAuditEntries: {
    ...forAdmins,
    method: 'get',
    path: '/v1/admin/audit',
    summary: 'List the entries of the audit trail, newest first',
    query: AuditQuery,
    status: 200,
    answer: pageSchema(AuditEntry),
    errors,
  },
  exportAuditEntries: {
    ...forAdmins,
    method: 'get',
    path: '/v1/admin/audit/export',
    summary: 'Export all entries that match the filters, oldest first, as JSON Lines or CSV',
    query: AuditExportQuery,
    status: 200,
    answer: null,
    documents: ['application/x-ndjson', 'text/csv'],
    errors,
  },
} as const;
