import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import { DomainError } from '../../common/domain-error.js';
import { isPreflight } from '../../transport/cross-origin.js';
import { sendError } from '../../transport/send-error.js';
import { CallLimits } from './call-limits.service.js';

/**
 * Paths of the API. A call to one of these paths, or to a path below it, counts for its caller, even if no route
 * matches. Apart from probes and SOAP, all other paths are pages and files.
 */
const apiPath = /^\/(v1|sandbox|openapi\.json|asyncapi\.json)(\/|$)/;
const probePath = /^\/(health|metrics)(\/|$)/;
/** This middleware does not count SOAP calls. `CallGate` counts them, because their refusal must be a SOAP fault. */
const soapPath = '/soap';

/**
 * Installs a middleware that counts every request except SOAP calls before its body is read. The paths above decide
 * only how early a call is counted. Later, `CallGate` counts every call that reaches a handler and has not been counted
 * for its caller.
 */
export function countRequests(app: NestExpressApplication): void {
  const limits = app.get(CallLimits);
  app.use((request: Request, response: Response, next: NextFunction) => {
    count(limits, request).then(
      () => next(),
      (thrown: unknown) => {
        if (thrown instanceof DomainError) sendError(response, thrown.body);
        else next(thrown);
      },
    );
  });
}

async function count(limits: CallLimits, request: Request): Promise<void> {
  const { path } = request;
  if (path === soapPath) return;
  if (probePath.test(path)) return limits.countProbe(request);
  // A preflight has no token, and browsers send it before many calls of the same session.
  if (apiPath.test(path) && !isPreflight(request)) return limits.countCall(request);
  // Requests for pages and files count only for the address, because one page loads many files.
  return limits.countAddress(request);
}
