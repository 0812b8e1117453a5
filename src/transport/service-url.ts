import type { Socket } from 'node:net';
import type { Request } from 'express';
import { createInvalidRequestError } from '../common/invalid-request.js';
import type { Config } from '../config/config.js';

/**
 * Returns the URL at which the caller reaches this service, without a slash at its end. Pay pages return to it.
 *
 * The header `Host` is never trusted, because a caller can forge it. Without `PUBLIC_URL`, the header must name the
 * address at which the connection arrived.
 *
 * @throws DomainError `INVALID_REQUEST` if the service cannot know its URL
 */
export function serviceUrl({ headers, socket }: Request, { publicUrl }: Pick<Config, 'publicUrl'>): string {
  if (publicUrl !== null) return publicUrl;
  const host = headers.host?.toLowerCase();
  if (host !== undefined && listOwnHosts(socket.localAddress, socket.localPort).includes(host)) return `http://${host}`;
  throw createInvalidRequestError([
    {
      path: ['Host'],
      message:
        'must be the address of this node, because the setting PUBLIC_URL is missing. Set it to the origin at which buyers reach the service',
    },
  ]);
}

/**
 * Returns true if an origin is this service: `PUBLIC_URL`, or without it an address at which the connection arrived. The
 * header `Host` plays no part, because a caller can forge it together with `Origin`.
 */
export function isServiceOrigin(
  origin: string,
  { localAddress, localPort }: Pick<Socket, 'localAddress' | 'localPort'>,
  { publicUrl }: Pick<Config, 'publicUrl'>,
): boolean {
  if (publicUrl !== null) return origin === publicUrl;
  return listOwnHosts(localAddress, localPort).some((host) => origin === `http://${host}`);
}

/** Returns the values of the header `Host` that name the local end of a connection. */
function listOwnHosts(address: string | undefined, port: number | undefined): string[] {
  if (address === undefined || port === undefined) return [];
  const plain = address.replace(/^::ffff:/, '');
  const isLoopback = plain === '::1' || plain.startsWith('127.');
  const names = [plain.includes(':') ? `[${plain}]` : plain, ...(isLoopback ? ['localhost'] : [])];
  return names.flatMap((name) => [`${name}:${port}`, ...(port === 80 ? [name] : [])]);
}
