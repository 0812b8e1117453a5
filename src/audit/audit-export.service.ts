import { pipeline } from 'node:stream/promises';
import { Injectable, Logger } from '@nestjs/common';
import type { AuditEntry, AuditExportQuery } from '@usher/contract';
import type { Response } from 'express';
import type { KeyScope } from '../access/index.js';
import { BoundedCalls } from '../common/bounded-calls.js';
import { auditCsvHeader, toAuditCsvRow } from './audit-csv.js';
import { AuditRepository } from './audit.repository.js';

/** Each export occupies a database connection. */
const exportBounds = {
  runningMax: 1,
  waitingMax: 4,
  detail: 'Too many exports are waiting on this node. Try again when one of them has ended.',
  retryAfterMs: 5000,
};

/** How each format of an export is written. */
const formats = {
  jsonl: {
    type: 'application/x-ndjson; charset=utf-8',
    header: '',
    toText: (entry: AuditEntry) => `${JSON.stringify(entry)}\n`,
  },
  csv: { type: 'text/csv; charset=utf-8; header=present', header: auditCsvHeader, toText: toAuditCsvRow },
} as const satisfies Record<AuditExportQuery['format'], unknown>;

/** Sends exports of the audit trail. An export is streamed, so its size does not matter. */
@Injectable()
export class AuditExport {
  private readonly logger = new Logger(AuditExport.name);
  private readonly exports = new BoundedCalls(exportBounds);

  constructor(private readonly repository: AuditRepository) {}

  /**
   * Sends all matching entries, oldest first. A second export waits for the first, because a client has the last entry
   * shortly before the node has finished.
   *
   * @throws DomainError `BUSY` if too many exports are waiting
   */
  send(response: Response, { format, ...filter }: AuditExportQuery, scope: KeyScope): Promise<void> {
    return this.exports.run(() => this.stream(response, format, this.repository.batches(filter, scope)));
  }

  private async stream(
    response: Response,
    format: AuditExportQuery['format'],
    batches: AsyncGenerator<AuditEntry[], void>,
  ): Promise<void> {
    const { type, header, toText } = formats[format];
    // If the first read fails, the caller still gets a proper error.
    const first = await batches.next();
    response.status(200).set({
      'Content-Type': type,
      'Cache-Control': 'no-store',
      'Content-Disposition': `attachment; filename="audit.${format}"`,
    });
    const texts = async function* () {
      yield header;
      if (!first.done) yield first.value.map(toText).join('');
      for await (const batch of batches) yield batch.map(toText).join('');
    };
    try {
      await pipeline(texts, response);
    } catch (error) {
      // The pipeline has broken the connection, so the client does not take a part of the trail for the whole.
      this.logger.warn({ err: error }, 'an export of the audit trail was interrupted; the client must repeat it');
    } finally {
      await batches.return();
    }
  }
}
