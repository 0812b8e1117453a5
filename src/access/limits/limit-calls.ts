import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import { CallLimits } from './call-limits.service.js';

/** Addresses under which every call counts for its caller, also if there is nothing. All others are pages and files. */
const apiPath = /^\/(v1|sandbox|openapi\.json|asyncapi\.json)(\/|$)/i;
const probePath = /^\/(health|metrics)(\/|$)/i;
/** `CallGate` counts calls of SOAP, because their refusal must be a SOAP fault. */
const soapPath = /^\/soap\/?$/i;

/**
 * Counts every request before its body is read. What a path is taken for here decides only how early a call is counted:
 * `CallGate` counts each call that reaches a handler and was not counted for its caller yet.
 */
export function limitCalls(app: NestExpressApplication): void {
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
  // One page loads many files, so these count for the address only.
  return limits.countAddress(request);
}
