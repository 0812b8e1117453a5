import { z } from 'zod';
import { layoutSeatsMax } from '../layouts/layout-body.js';
import { boundedArraySchema } from '../values/bounded-array.js';
import { proseSchema } from '../values/texts.js';
import { Version } from '../values/versions.js';

/** Body of `POST` and `DELETE /v1/admin/shows/:showId/blocks`. */
export const BlocksBody = z
  .strictObject({
    seats: boundedArraySchema(z.int(), { max: layoutSeatsMax }),
    reason: proseSchema(1000).trim().min(1).optional().meta({ description: "The reason. The show's log keeps it" }),
  })
  .meta({ id: 'BlocksBody' });
export type BlocksBody = z.infer<typeof BlocksBody>;

/**
 * Answer to a call that blocks or unblocks seats. From the show's version `version` on, the seats have the requested
 * status.
 */
export const BlocksAnswer = z.object({ version: Version }).meta({ id: 'BlocksAnswer' });
export type BlocksAnswer = z.infer<typeof BlocksAnswer>;
