import { describe, expect, it } from '@jest/globals';
import { BadRequestException, Logger } from '@nestjs/common';
import { createNotFoundError } from '../common/domain-error.js';
import { toErrorBody } from './error-body.js';

/** Creates a logger that keeps its messages. */
function keptLogger() {
  const kept: unknown[][] = [];
  const logger = new (class extends Logger {
    override error(...message: unknown[]) {
      kept.push(message);
    }
    override warn(...message: unknown[]) {
      kept.push(message);
    }
  })();
  return { logger, kept };
}

describe('an error body', () => {
  it('is the body of the error itself if the error is a refusal', () => {
    const { logger, kept } = keptLogger();
    expect(toErrorBody(createNotFoundError('show'), logger)).toMatchObject({
      code: 'NOT_FOUND',
      status: 404,
      what: 'show',
    });
    expect(kept).toEqual([]);
  });

  it('has the code INTERNAL, no internal details and the trace id from the log if the error is unexpected', () => {
    const { logger, kept } = keptLogger();
    const body = toErrorBody(new Error('relation "secret" does not exist'), logger);
    expect(body).toMatchObject({ code: 'INTERNAL', status: 500, traceId: expect.any(String) });
    expect(JSON.stringify(body)).not.toContain('secret');
    expect(kept[0]?.[0]).toMatchObject({ traceId: 'traceId' in body && body.traceId });
  });

  it('has the code BUSY, after which clients may retry, if the database is unreachable', () => {
    const { logger } = keptLogger();
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const restarting = Object.assign(new Error('terminating connection'), { code: '57P01' });
    const noneLeft = new Error('timeout exceeded when trying to connect');
    for (const away of [refused, restarting, noneLeft]) {
      expect(toErrorBody(away, logger)).toMatchObject({ code: 'BUSY', status: 503, retryAfterMs: expect.any(Number) });
    }
  });

  it('has the code INVALID_REQUEST if the transport could not read the call', () => {
    const { logger } = keptLogger();
    expect(toErrorBody(new BadRequestException('Unexpected end of JSON input'), logger)).toMatchObject({
      code: 'INVALID_REQUEST',
      status: 400,
      issues: [{ path: '', message: 'Unexpected end of JSON input' }],
    });
  });
});
