import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Thrown if a host name resolves only to private addresses, which outside parties must not make this service call. */
export class PrivateHostError extends Error {
  override readonly name = 'PrivateHostError';
  readonly code = 'PRIVATE_HOST';
}

/** Tells whether an IP address belongs to the public internet. This machine, private networks and transition ranges do not. */
export function isPublicAddress(address: string): boolean {
  // `process` turns an IPv4 address that is written as IPv6 back into IPv4.
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'unicast';
}

/**
 * Tells whether a URL contains a private IP address as its host. A host name is never private here, because its address is
 * known only after the DNS lookup. The URL parser has already turned forms such as `0x7f.1` into an IP address.
 */
export function isPrivateLiteral({ hostname }: URL): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  return isIP(host) !== 0 && !isPublicAddress(host);
}

/**
 * Resolves a host name for a connection and removes private addresses. The check belongs to the connection's own lookup,
 * because an earlier check would leave time to change the DNS record.
 */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, found) => {
    if (error) {
      callback(error, []);
      return;
    }
    const addresses = found.filter(({ address }) => isPublicAddress(address));
    const [first] = addresses;
    if (!first) callback(new PrivateHostError('the host name resolves to no public address'), []);
    else if (options.all) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};
