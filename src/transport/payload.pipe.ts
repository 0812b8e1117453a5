import { Injectable, type PipeTransform } from '@nestjs/common';
import type { z } from 'zod';
import { invalidRequest } from '../common/invalid-request.js';

/** Parses a client event's payload by its schema of the contract. */
@Injectable()
export class PayloadPipe<T> implements PipeTransform<unknown, T> {
  constructor(private readonly schema: z.ZodType<T>) {}

  /** @throws DomainError `INVALID_REQUEST` with the paths that are wrong */
  transform(payload: unknown): T {
    const parsed = this.schema.safeParse(payload);
    if (!parsed.success) throw invalidRequest(parsed.error.issues);
    return parsed.data;
  }
}
