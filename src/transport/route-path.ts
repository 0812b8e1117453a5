import type { Request } from 'express';

/** Returns the pattern of the route that serves a request, such as `/v1/cities/:cityId`, or an empty string. */
export function routePath(request: Request): string {
  const route: unknown = request.route;
  const path = typeof route === 'object' && route !== null && 'path' in route ? route.path : null;
  return typeof path === 'string' ? path : '';
}
