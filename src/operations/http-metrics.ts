import type { NextFunction, Request, Response } from 'express';
import { collectDefaultMetrics, Histogram } from 'prom-client';

// There is one histogram per process, because prom-client accepts each name only once and tests run two apps per
// process.
collectDefaultMetrics();

const requestSeconds = new Histogram({
  name: 'usher_http_request_seconds',
  help: 'Time from a request to the end of its answer, in seconds',
  labelNames: ['method', 'route', 'status'],
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
});

/** Express middleware that measures the duration of every request. */
export function timeRequests(request: Request, response: Response, next: NextFunction): void {
  const stop = requestSeconds.startTimer();
  response.once('close', () => {
    stop({ method: request.method, route: routeOf(request), status: response.statusCode });
  });
  next();
}

/**
 * Returns the pattern of the route instead of the path, because a label for each show would fill Prometheus's memory.
 */
function routeOf(request: Request): string {
  const route: unknown = request.route;
  return typeof route === 'object' && route !== null && 'path' in route ? String(route.path) : 'none';
}
