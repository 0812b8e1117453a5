import { z } from 'zod';

/**
 * The id of a city, cinema, hall, layout, movie or show: a positive integer. For ids in a path or a query, use {@link
 * IdParam}.
 */
export const Id = z.int().positive().meta({ description: 'Catalog id', example: 42 });

/**
 * An {@link Id} in a path or a query, where it arrives as text. Only plain digits are valid: `1e3`, ` 7` and `0x1` are
 * not.
 */
export const IdParam = z
  .string()
  .regex(/^[1-9][0-9]{0,14}$/, 'must be a positive integer')
  .transform(Number);

/** The id of a session, booking, payment, ticket or similar object: a UUIDv7 as lower-case text. */
export const Uuid = z
  .uuid()
  .toLowerCase()
  .meta({ description: 'UUIDv7', example: '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071' });
