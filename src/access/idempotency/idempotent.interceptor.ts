import { hash } from 'node:crypto';
import {
  applyDecorators,
  type CallHandler,
  type ExecutionContext,
  HttpException,
  Injectable,
  Logger,
  type NestInterceptor,
  SetMetadata,
  UseInterceptors,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request, Response } from 'express';
import { from, lastValueFrom, type Observable, of } from 'rxjs';
import { DomainError } from '../../common/domain-error.js';
import { keyHolderOf } from '../api-keys/api-key.guard.js';
import { ApiKeys, type KeyHolder } from '../api-keys/api-keys.service.js';
import { idempotencyKeyOf } from './idempotency-key.decorator.js';
import { knownSessionIdOf } from '../sessions/session.guard.js';
import { IdempotencyKeys } from './idempotency-keys.service.js';
import { type KeyedCall, runKeyed } from './once.js';

/**
 * Honours the `Idempotency-Key` of a REST call that creates something outside the lanes. The same key and request are
 * answered as the first time, on any node; a key that came with another request is `KEY_REUSED`. A refusal did nothing, so
 * its key is free again. What a handler must not do twice if its node dies before the answer is stored, it does by `once`.
 */
@Injectable()
export class IdempotentInterceptor implements NestInterceptor {
  private readonly logger = new Logger(IdempotentInterceptor.name);

  constructor(
    private readonly keys: IdempotencyKeys,
    private readonly apiKeys: ApiKeys,
    private readonly reflector: Reflector,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<Request>();
    const response = context.switchToHttp().getResponse<Response>();
    const key = idempotencyKeyOf(request);
    const caller = key === null ? null : await this.callerOf(request);
    if (key === null || caller === null) return next.handle();
    const field = this.reflector.get<string | null>(comparedField, context.getHandler()) ?? null;
    const call = { caller, key, requestHash: hashOf(request, field) };
    const claimed = await this.keys.claim(call);
    if (claimed.type === 'claimed') return from(this.answer(call, claimed, next, response));
    response.status(claimed.answer.status);
    return of(claimed.answer.body);
  }

  private async answer(
    call: KeyedCall,
    { claim, isTakenOver }: { readonly claim: string; readonly isTakenOver: boolean },
    next: CallHandler,
    response: Response,
  ): Promise<unknown> {
    const { cipher } = this.keys;
    try {
      const handler = () => lastValueFrom<unknown, undefined>(next.handle(), { defaultValue: undefined });
      const body = await runKeyed({ ...call, cipher, isTakenOver }, handler);
      await this.store(call, claim, { status: response.statusCode, body });
      return body;
    } catch (error) {
      if (error instanceof DomainError || error instanceof HttpException) await this.keys.release(call, claim);
      throw error;
    }
  }

  private async store(call: KeyedCall, claim: string, answer: { status: number; body: unknown }): Promise<void> {
    try {
      await this.keys.answered(call, claim, answer);
    } catch (error) {
      // It is done and can be answered. A repeated call runs again when the claim has ended.
      this.logger.warn({ err: error }, 'the answer to an idempotency key could not be stored');
    }
  }

  /** The API key, the session or the token by which a call's guards let it through; null: it has none. */
  private async callerOf(request: Request): Promise<string | null> {
    const guarded = keyHolderOf(request);
    // Such a call is its key's, whatever other header comes along.
    if (guarded) return nameOfHolder(guarded);
    const apiKey = request.header('x-api-key');
    const { authorization } = request.headers;
    const holder = apiKey === undefined ? null : await this.apiKeys.holderOf(apiKey);
    const sessionId = knownSessionIdOf(request);
    const token = authorization === undefined ? null : `token:${hash('sha256', authorization, 'hex')}`;
    const parts = [holder && nameOfHolder(holder), sessionId === null ? token : `session:${sessionId}`];
    return parts.filter((part) => part !== null).join(' ') || null;
  }
}

/** Where a handler says which field of the body must be the same when a key comes again. */
const comparedField = 'idempotency: compared field';

/**
 * For a handler that creates something outside the lanes: see {@link IdempotentInterceptor}.
 *
 * @param field which alone must be the same when a key comes again; null: the whole body
 */
export const Idempotent = (field: string | null = null): MethodDecorator =>
  applyDecorators(SetMetadata(comparedField, field), UseInterceptors(IdempotentInterceptor));

const nameOfHolder = ({ keyId }: KeyHolder): string => `key:${keyId ?? 'settings'}`;

/** The same for the same request, however a client orders the fields of its JSON. */
function hashOf({ method, originalUrl, body }: Request, field: string | null): string {
  const given: unknown = body;
  const isPicked = field !== null && typeof given === 'object' && given !== null;
  const compared = isPicked ? Object.entries(given).find(([name]) => name === field) : given;
  return hash('sha256', JSON.stringify([method, originalUrl, sorted(compared)]), 'hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([name, inner]) => [name, sorted(inner)]);
}
