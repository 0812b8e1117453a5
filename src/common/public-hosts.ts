import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * Thrown if a host name resolves only to private addresses. Outside parties must not be able to make this service call
 * such addresses.
 */
export class PrivateHostError extends Error {
  override readonly name = 'PrivateHostError';
  readonly code = 'PRIVATE_HOST';
}

/**
 * Returns true if an IP address belongs to the public internet. Addresses of this machine, private networks and
 * transition ranges do not.
 */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  // `process` turns an IPv4 address that is written as IPv6 back into IPv4.
  const address = ipaddr.process(text);
  if (address.range() !== 'unicast') return false;
  // All public IPv6 addresses are in 2000::/3. Others contain IPv4 addresses, such as `::7f00:1` for 127.0.0.1.
  return address instanceof ipaddr.IPv4 || address.match(globalUnicast);
}

const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Returns true if the host of a URL is a private IP address. Returns false for every host name, because its address is
 * known only after the DNS lookup. The URL parser has already turned forms such as `0x7f.1` into an IP address.
 */
export function isPrivateLiteral({ hostname }: URL): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  return isIP(host) !== 0 && !isPublicAddress(host);
}

/**
 * Resolves a host name for a connection and removes private addresses. The check is part of the connection's own
 * lookup. After an earlier check, an attacker could still change the DNS record.
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
