import { Injectable, type PipeTransform } from '@nestjs/common';
import type { z } from 'zod';
import { createInvalidRequestError } from '../common/invalid-request.js';

/** Validates the payload of a client event against the event's schema in the contract. */
@Injectable()
export class PayloadPipe<T> implements PipeTransform<unknown, T> {
  constructor(private readonly schema: z.ZodType<T>) {}

  /** @throws DomainError `INVALID_REQUEST` with the path of each invalid field */
  transform(payload: unknown): T {
    const parsed = this.schema.safeParse(payload);
    if (!parsed.success) throw createInvalidRequestError(parsed.error.issues);
    return parsed.data;
  }
}
