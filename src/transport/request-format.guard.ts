import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { type Endpoint, endpoints } from '@usher/contract';
import type { Request } from 'express';
import { createInvalidRequestError } from '../common/invalid-request.js';
import { routePath } from './route-path.js';

/**
 * Sets the media types of a handler's request body. Handlers without this decorator read JSON if the contract defines a
 * body.
 */
export const BodyTypes = Reflector.createDecorator<readonly string[]>();

/** The contract's endpoints by method and path in Express's notation, for example `GET /v1/cities/:cityId`. */
const endpointsByRoute = new Map(
  Object.values<Endpoint>(endpoints).map((endpoint) => [
    `${endpoint.method.toUpperCase()} ${endpoint.path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
    endpoint,
  ]),
);

/** Refuses a body whose media type the handler does not read. Express would silently treat such a body as missing. */
@Injectable()
export class RequestFormatGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    if (context.getType() !== 'http') return true;
    const request = context.switchToHttp().getRequest<Request>();
    const endpoint = endpointsByRoute.get(`${request.method} ${routePath(request)}`);
    const types = this.reflector.get(BodyTypes, context.getHandler()) ?? (endpoint?.body ? ['application/json'] : null);
    if (types) requireBodyType(request, types);
    return true;
  }
}

/** @throws DomainError `INVALID_REQUEST` if the request has a body and its media type is missing or not in `types` */
export function requireBodyType(request: Request, types: readonly string[]): void {
  if (!hasBody(request) || request.is([...types]) !== false) return;
  const stated = /^\s*[\w.+-]{1,64}\/[\w.+-]{1,64}/.exec(request.headers['content-type'] ?? '')?.[0].trim();
  const problem =
    stated === undefined ? 'The body has no valid Content-Type.' : `Content-Type ${stated} is not supported.`;
  throw createInvalidRequestError([{ message: `${problem} Send the body as ${types.join(' or ')}.` }]);
}

function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
