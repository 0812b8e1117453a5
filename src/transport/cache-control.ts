import { type CallHandler, type ExecutionContext, type NestInterceptor, UseInterceptors } from '@nestjs/common';
import type { Response } from 'express';
import { tap } from 'rxjs';

/**
 * Sends `Cache-Control` with the handler's answer. Not by Nest's `@Header`: that one stays on a refusal too, and a 404
 * must not be kept for as long as a layout.
 */
export const CacheControl = (value: string) => {
  const interceptor: NestInterceptor = {
    intercept: (context: ExecutionContext, next: CallHandler) =>
      next.handle().pipe(tap(() => context.switchToHttp().getResponse<Response>().setHeader('Cache-Control', value))),
  };
  return UseInterceptors(interceptor);
};

/** For what a client reads again because it was told of a change: a kept copy is asked after, and the ETag makes that a 304. */
export const CacheRevalidated = () => CacheControl('no-cache');

/** For what moves with every sale. */
export const CacheBriefly = () => CacheControl('public, max-age=5');

/** For what changes by hand, now and then. */
export const CacheForAMinute = () => CacheControl('public, max-age=60');

/** For what never changes. */
export const CacheForever = () => CacheControl('public, max-age=31536000, immutable');
