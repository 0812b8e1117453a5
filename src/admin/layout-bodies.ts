import type { NestExpressApplication } from '@nestjs/platform-express';
import { json, type NextFunction, type Request, type Response } from 'express';
import { CallerChecks, hasPermission } from '../access/index.js';

/** A layout of 100,000 seats takes about 14 MB. */
const layoutBytesMax = '32mb';

/**
 * Accepts larger bodies for layouts, but only from administrators. No other caller can make the service read
 * megabytes. The application must call this function before it installs its body parsers.
 */
export function acceptLayouts(app: NestExpressApplication): void {
  const callers = app.get(CallerChecks);
  const read = json({ limit: layoutBytesMax });
  app.use('/v1/admin/halls', async (request: Request, response: Response, next: NextFunction) => {
    const holder = await callers.holderOfCall(request);
    // The guard later refuses all other callers with the right error.
    if (holder && hasPermission(holder, 'administer')) read(request, response, next);
    else next();
  });
}
