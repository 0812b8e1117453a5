import type { NestExpressApplication } from '@nestjs/platform-express';
import { type NextFunction, raw, type Request, type Response } from 'express';
import { CallerChecks, CallLimits, hasPermission, type KeyHolder } from '../access/index.js';
import { UploadedHall } from './uploaded-hall.js';

/** A layout of 100,000 seats takes about 14 MB. */
const layoutBytesMax = '32mb';

/**
 * Accepts larger bodies for layouts, but only from administrators. No other caller can make the service read
 * megabytes. The application must call this function before it installs its body parsers.
 */
export function acceptLayouts(app: NestExpressApplication): void {
  const callers = app.get(CallerChecks);
  const limits = app.get(CallLimits);
  const readBytes = raw({ type: 'application/json', limit: layoutBytesMax });
  app.use('/v1/admin/halls', async (request: Request, response: Response, next: NextFunction) => {
    const holder = await callers.holderOfCall(request);
    // The guard later refuses all other callers with the right error.
    if (!holder || !hasPermission(holder, 'administer')) return next();
    await limits.charge(request, 'layoutUpload');
    readBytes(request, response, (error?: unknown) => {
      if (error) next(error);
      else readHall(request, holder).then(() => next(), next);
    });
  });
}

/** Replaces the bytes of a JSON body by the hall in them. Other bodies stay, and a guard refuses them. */
async function readHall(request: Request, holder: KeyHolder): Promise<void> {
  const body: unknown = request.body;
  if (!Buffer.isBuffer(body)) return;
  const schema = request.method === 'PATCH' ? 'HallPatch' : 'HallBody';
  request.body = await UploadedHall.read(schema, new Uint8Array(body), ownerOf(holder));
}

const ownerOf = ({ keyId, operator }: KeyHolder): string =>
  operator ? `person:${operator.personId}` : `key:${keyId ?? 'settings'}`;
