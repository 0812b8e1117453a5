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
import { createInvalidRequestError } from '../../common/invalid-request.js';
import { keyHolderOf } from '../key-guards/api-key.guard.js';
import type { KeyHolder } from '../api-keys/api-keys.service.js';
import { CallerChecks } from '../callers/caller-checks.service.js';
import { idempotencyKeyOf } from './idempotency-key.decorator.js';
import { linkOf } from '../booking-access/booking-caller.guard.js';
import { knownSessionIdOf } from '../sessions/session.guard.js';
import { IdempotencyKeys } from './idempotency-keys.service.js';
import { type KeyedCall, runKeyed } from './once.js';

/**
 * Applies the `Idempotency-Key` of REST calls that create something outside the lanes. If a caller repeats a key with
 * the same request, any node returns the first answer. If the caller repeats the key with a different request, the call
 * fails with `KEY_REUSED`. A refused call did nothing, so its key can be used again. A node may die before it has
 * stored the answer. So handlers use `once` for effects that must not happen twice.
 */
@Injectable()
export class IdempotentInterceptor implements NestInterceptor {
  private readonly logger = new Logger(IdempotentInterceptor.name);

  constructor(
    private readonly keys: IdempotencyKeys,
    private readonly callers: CallerChecks,
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
      await this.keys.storeAnswer(call, claim, answer);
    } catch (error) {
      // The handler has finished, so this call still gets its answer. After the lease has ended, a repeated call runs
      // the handler again.
      this.logger.warn(
        { err: error },
        'could not store the answer of an idempotency key; a repeated call will run again',
      );
    }
  }

  /**
   * Returns a name for the caller, derived from its API key, its operator, its session, its link to a booking or its
   * token. Returns null if the call has none of these.
   */
  private async callerOf(request: Request): Promise<string | null> {
    const guarded = keyHolderOf(request);
    // A guard has accepted the API key, so no other header matters.
    if (guarded) return nameOfHolder(guarded);
    const { authorization } = request.headers;
    const holder = await this.callers.checkedHolder(request);
    const sessionId = knownSessionIdOf(request);
    const link = linkOf(request);
    const token = authorization === undefined ? null : `token:${hash('sha256', authorization, 'hex')}`;
    // The name ends with the id of the session or the booking, because the erasure of a session finds its keys by it.
    const buyer = link ? `link:${link.revision} ${link.bookingId}` : sessionId && `session:${sessionId}`;
    const parts = [holder && nameOfHolder(holder), buyer ?? token];
    return parts.filter((part) => part !== null).join(' ') || null;
  }
}

/** Metadata key for the only field of the body in which a repeated call must equal the first call. */
const comparedField = 'idempotency: compared field';

/**
 * Makes a handler idempotent, for handlers that create something outside the lanes. See {@link IdempotentInterceptor}.
 *
 * @param field the only field of the body in which a repeated call must equal the first call; if null, the whole body
 * must be equal
 */
export const Idempotent = (field: string | null = null): MethodDecorator =>
  applyDecorators(SetMetadata(comparedField, field), UseInterceptors(IdempotentInterceptor));

const nameOfHolder = ({ keyId, operator }: KeyHolder): string =>
  // A person who has signed in again is still the same caller.
  operator ? `person:${hash('sha256', operator.personId, 'base64url')}` : `key:${keyId ?? 'settings'}`;

/** Hashes a request. The order of the fields in its JSON does not change the hash. */
function hashOf({ method, originalUrl, body }: Request, field: string | null): string {
  const given: unknown = body;
  const isPicked = field !== null && typeof given === 'object' && given !== null;
  const compared = isPicked ? Object.entries(given).find(([name]) => name === field) : given;
  return hash('sha256', JSON.stringify([method, originalUrl, sorted(compared)]), 'hex');
}

/** Maximum number of levels of a body. No schema of the contract needs that many. */
const levelsMax = 64;

/** @throws DomainError `INVALID_REQUEST` if the value has too many levels. Otherwise, the recursion would fill the stack. */
function sorted(value: unknown, level = 0): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (level === levelsMax) {
    throw createInvalidRequestError([{ message: `The body has more than ${levelsMax} nested levels.` }]);
  }
  if (Array.isArray(value)) return value.map((inner) => sorted(inner, level + 1));
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([name, inner]) => [name, sorted(inner, level + 1)]);
}
