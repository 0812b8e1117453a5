import type { NestExpressApplication } from '@nestjs/platform-express';
import { json, type NextFunction, type Request, type Response } from 'express';
import { ApiKeyChecks } from '../access/index.js';

/** A layout of 100,000 seats takes about 14 MB. */
const layoutBytesMax = '32mb';

/**
 * Lets layouts be longer than other bodies may be, for who has the key: nobody else can make the service read megabytes.
 * To be called before the application begins to read bodies.
 */
export function acceptLayouts(app: NestExpressApplication): void {
  const keyChecks = app.get(ApiKeyChecks);
  const read = json({ limit: layoutBytesMax });
  app.use('/v1/admin/halls', async (request: Request, response: Response, next: NextFunction) => {
    const holder = await keyChecks.holderOfCall(request);
    // Others are left to the guard, which says what they lack.
    if (holder?.roles.includes('admin')) read(request, response, next);
    else next();
  });
}
