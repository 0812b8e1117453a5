import type { NestExpressApplication } from '@nestjs/platform-express';
import { type NextFunction, type Request, type Response, text, urlencoded } from 'express';
import { createInvalidRequestError } from '../../common/invalid-request.js';
import { CallLimits } from './call-limits.service.js';

/** Paths whose handlers read bodies. Other bodies are not read, because reading JSON costs up to 18 ms. */
const bodyPath = /^\/(v1|sandbox)\//;

/** Only the pay pages of the sandbox send forms. A form has the number of a card. */
const formPath = /^\/sandbox\/pay\//;

/**
 * Bodies must not be compressed, because 149 bytes can become 100 KB of JSON. No browser and no common HTTP client
 * compresses a body unless the program asks for it.
 */
const inflate = false;

/**
 * Installs the parsers of JSON bodies and of forms. A body without a stated length takes its points from the budgets of
 * the caller after it was read and before it is parsed. `countRequests` has counted all other bodies. Call this after the
 * parsers for larger bodies were installed.
 */
export function readBodies(app: NestExpressApplication): void {
  const limits = app.get(CallLimits);
  const readText = text({ type: 'application/json', limit: '100kb', inflate });
  const readForm = urlencoded({ extended: false, limit: '4kb', inflate });
  app.use((request: Request, response: Response, next: NextFunction) => {
    if (!bodyPath.test(request.path)) return next();
    readText(request, response, (thrown?: unknown) => {
      if (thrown) next(isEncodingRefused(thrown) ? createEncodingError() : thrown);
      else parseJson(request, limits).then(() => next(), next);
    });
  });
  app.use((request: Request, response: Response, next: NextFunction) => {
    if (formPath.test(request.path)) readForm(request, response, next);
    else next();
  });
}

/** Replaces the text of a JSON body by its value. */
async function parseJson(request: Request, limits: CallLimits): Promise<void> {
  const body: unknown = request.body;
  if (typeof body !== 'string') return;
  if (request.headers['content-length'] === undefined) await limits.chargeBody(request, Buffer.byteLength(body));
  try {
    // Clients often state the type of an empty body.
    request.body = body === '' ? {} : JSON.parse(body);
  } catch (error) {
    const reason = error instanceof Error ? error.message : '';
    throw createInvalidRequestError([{ message: `The body is not valid JSON: ${reason}` }]);
  }
}

const isEncodingRefused = (thrown: unknown): boolean =>
  thrown instanceof Error && 'type' in thrown && thrown.type === 'encoding.unsupported';

const createEncodingError = () => createInvalidRequestError([{ message: 'Send the body without Content-Encoding.' }]);
