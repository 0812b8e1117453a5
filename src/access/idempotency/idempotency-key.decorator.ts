import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { IdempotencyHeaders } from '@usher/contract';
import type { Request } from 'express';
import { createInvalidRequestError } from '../../common/invalid-request.js';

/**
 * Returns the `Idempotency-Key` header of a REST call, or null if the call has none.
 *
 * @throws DomainError `INVALID_REQUEST` if the header is invalid
 */
export function idempotencyKeyOf({ headers }: Request): string | null {
  const parsed = IdempotencyHeaders.safeParse(headers);
  if (!parsed.success) throw createInvalidRequestError(parsed.error.issues);
  return parsed.data['idempotency-key'] ?? null;
}

/** Injects the result of {@link idempotencyKeyOf} into a handler. */
export const IdempotencyKey = createParamDecorator((_: unknown, context: ExecutionContext): string | null =>
  idempotencyKeyOf(context.switchToHttp().getRequest<Request>()),
);
