import type { IncomingMessage } from 'node:http';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { queueOutcomeHeader, rateLimitHeader, rateLimitPolicyHeader, renewalHeader } from '@usher/contract';
import type { NextFunction, Request, Response } from 'express';
import type { Config } from '../config/config.js';
import { isServiceOrigin } from './service-url.js';

/** Paths that no page of another site may read: administration, the sign-in of operators, probes and metrics. */
const sameOriginPath = /^\/(v1\/(admin|operators)|health|metrics)(\/|$)/;

/** Headers of answers that scripts of other sites can read. */
const exposedHeaders = [
  'Allow',
  'Date',
  'ETag',
  'Retry-After',
  rateLimitHeader,
  rateLimitPolicyHeader,
  renewalHeader,
  queueOutcomeHeader,
];

/** The origins whose pages may call the service. Null stands for every origin. */
type Origins = Config['corsOrigins'];

/**
 * Sets the CORS headers. No answer allows credentials, so browsers send no cookie of an operator
 * with a call from another site. A page of another site therefore has only the rights that its user gives it. Still, no
 * page of another site may call administration.
 */
export function allowOrigins(app: NestExpressApplication, origins: Origins): void {
  app.enableCors((request: Request, decide: (error: null, options: object) => void) => {
    decide(null, {
      origin: sameOriginPath.test(request.path) ? false : (origins ?? '*'),
      exposedHeaders,
      maxAge: 86_400,
      preflightContinue: true,
    });
  });
}

/**
 * Returns true if a request only asks about CORS. Any other OPTIONS request asks for the methods of a path, and `WebPages`
 * answers it.
 */
export const isPreflight = ({ method, headers }: IncomingMessage): boolean =>
  method === 'OPTIONS' && 'access-control-request-method' in headers;

/** Answers preflights, with the headers that {@link allowOrigins} has set. */
export function answerPreflights(app: NestExpressApplication): void {
  app.use((request: Request, response: Response, next: NextFunction) => {
    if (isPreflight(request)) response.status(204).end();
    else next();
  });
}

/**
 * Returns true if a page may open a socket. Browsers do not apply CORS to WebSockets, so the service checks the header
 * `Origin` itself. Programs send no such header.
 */
export function isSocketOriginAllowed({ headers, socket }: IncomingMessage, config: Config): boolean {
  const { origin } = headers;
  if (config.corsOrigins === null || origin === undefined) return true;
  return config.corsOrigins.includes(origin) || isServiceOrigin(origin, socket, config);
}
