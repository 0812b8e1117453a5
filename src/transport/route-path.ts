import type { Request } from 'express';

/** The pattern of the route that serves a request, e.g. `/v1/cities/:cityId`, or an empty text. */
export function routePath(request: Request): string {
  const route: unknown = request.route;
  const path = typeof route === 'object' && route !== null && 'path' in route ? route.path : null;
  return typeof path === 'string' ? path : '';
}
