import { lookup as lookUp } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** A name leads to addresses that strangers may not make this service call. */
export class PrivateHostError extends Error {
  override readonly name = 'PrivateHostError';
  readonly code = 'PRIVATE_HOST';
}

/** Whether an IP address is of the public internet: not this machine, not a private network, not a transition range. */
export function isPublicAddress(address: string): boolean {
  // An IPv4 address in IPv6 clothes is judged as what it is.
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'unicast';
}

/**
 * Whether a URL names its host by an address that is not public. A name says nothing before it is looked up. The parser
 * of URLs has already written `0x7f.1` and the like as the address that it is.
 */
export function isPrivateLiteral({ hostname }: URL): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  return isIP(host) !== 0 && !isPublicAddress(host);
}

/**
 * Looks a name up for a connection that is about to be made, and leaves out what is not public. Asked earlier, a name
 * could change its mind in between.
 */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookUp(hostname, { ...options, all: true }, (error, found) => {
    if (error) {
      callback(error, []);
      return;
    }
    const addresses = found.filter(({ address }) => isPublicAddress(address));
    const [first] = addresses;
    if (!first) callback(new PrivateHostError('the name leads to no public address'), []);
    else if (options.all) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};
