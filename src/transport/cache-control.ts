import { type CallHandler, type ExecutionContext, type NestInterceptor, UseInterceptors } from '@nestjs/common';
import type { Response } from 'express';
import { tap } from 'rxjs';

/**
 * Sends `Cache-Control` only if the handler answers without an error. Nest's `@Header` would also send it with a
 * refusal, but caches must not keep a 404 for as long as a layout.
 */
export const CacheControl = (value: string) => {
  const interceptor: NestInterceptor = {
    intercept: (context: ExecutionContext, next: CallHandler) =>
      next.handle().pipe(tap(() => context.switchToHttp().getResponse<Response>().setHeader('Cache-Control', value))),
  };
  return UseInterceptors(interceptor);
};

/**
 * For answers that clients read again after a notification. Caches must revalidate them, and a matching ETag gives a
 * 304.
 */
export const CacheRevalidated = () => CacheControl('no-cache');

/** For answers that change with every sale. */
export const cacheBriefly = 'public, max-age=5';
export const CacheBriefly = () => CacheControl(cacheBriefly);

/** For answers that staff change from time to time. */
export const cacheForAMinute = 'public, max-age=60';
export const CacheForAMinute = () => CacheControl(cacheForAMinute);

/** For answers that never change. */
export const cacheForever = 'public, max-age=31536000, immutable';
