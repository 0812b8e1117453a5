import { z } from 'zod';
import { textSchema } from './texts.js';

/**
 * An idempotency key, sent as the header `Idempotency-Key` or as the field `key` of a socket event. A client that
 * repeats a call with the same key and the same body gets the first answer again, and the call has no second effect.
 */
export const IdempotencyKey = textSchema(128).min(1);

/** Request headers of a call that accepts an idempotency key. */
export const IdempotencyHeaders = z.object({ 'idempotency-key': IdempotencyKey.optional() });
