import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { AccessCodeBatchMade } from '@usher/contract';
import type { Request, Response } from 'express';
import { map, type Observable } from 'rxjs';

/** Answers with the codes of a new batch as CSV if the caller prefers it, for example for a program that sends mails. */
@Injectable()
export class AccessCodesCsv implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler<AccessCodeBatchMade>): Observable<unknown> {
    const http = context.switchToHttp();
    if (http.getRequest<Request>().accepts(['application/json', 'text/csv']) !== 'text/csv') return next.handle();
    return next.handle().pipe(map((batch) => sendAsCsv(http.getResponse<Response>(), batch)));
  }
}

/** A code consists of letters, digits and hyphens and begins with a letter or digit, so no field needs quotes. */
function sendAsCsv(response: Response, { batchId, codes }: AccessCodeBatchMade): string {
  response.setHeader('Content-Type', 'text/csv; charset=utf-8');
  response.setHeader('Content-Disposition', `attachment; filename="access-codes-${batchId}.csv"`);
  return ['code', ...codes, ''].join('\r\n');
}
