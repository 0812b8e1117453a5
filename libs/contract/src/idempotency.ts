import { z } from 'zod';
import { textSchema } from './primitives.js';

/** `Idempotency-Key` header or socket field `key`: the same key and body give the same answer, however often sent. */
export const IdempotencyKey = textSchema(128).min(1);

/** Headers of a call that creates something. */
export const IdempotencyHeaders = z.object({ 'idempotency-key': IdempotencyKey.optional() });
