import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import { CallLimits } from './call-limits.service.js';

/** Paths below which every call counts for its caller, even if no route matches. All other paths are pages and files. */
const apiPath = /^\/(v1|sandbox|openapi\.json|asyncapi\.json)(\/|$)/i;
const probePath = /^\/(health|metrics)(\/|$)/i;
/** `CallGate` counts SOAP calls, because their refusal must be a SOAP fault. */
const soapPath = /^\/soap\/?$/i;

/**
 * Installs a middleware that counts every request before its body is read. The paths above only decide how early a call
 * is counted, because `CallGate` counts every call that reaches a handler and was not counted for its caller before.
 */
export function countRequests(app: NestExpressApplication): void {
  const limits = app.get(CallLimits);
  app.use((request: Request, _response: Response, next: NextFunction) => {
    count(limits, request).then(() => next(), next);
  });
}

async function count(limits: CallLimits, request: Request): Promise<void> {
  const { path } = request;
  if (soapPath.test(path)) return;
  if (probePath.test(path)) return limits.countProbe(request);
  if (apiPath.test(path)) return limits.countCall(request);
  // Pages and files count for the address only, because one page loads many files.
  return limits.countAddress(request);
}
