import type { IncomingMessage } from 'node:http';
import { isIPv4 } from 'node:net';
import ipaddr from 'ipaddr.js';
import proxyAddress from 'proxy-addr';

/** Replaces the address of a connection that has already closed or has no address. */
const unknownAddress = 'unknown';

/**
 * Returns the client's address as the proxies in front of the service report it. Limits count calls by this form of the
 * address. It is an IPv4 address, or the /64 network of an IPv6 address, because a household or a server has a whole
 * /64. The result has at most 45 characters.
 *
 * @param proxies number of trusted proxies in front of the service. Any client can forge the entries of
 * `X-Forwarded-For` that come before the entries of these proxies
 */
export function clientAddress(request: IncomingMessage, proxies: number): string {
  const { remoteAddress } = request.socket;
  // A closed connection has no address, but `proxy-addr` requires one.
  if (remoteAddress === undefined) return unknownAddress;
  if (proxies === 0) return networkOf(remoteAddress) ?? unknownAddress;
  const reported = proxyAddress(request, (_, hop) => hop < proxies);
  return networkOf(reported) ?? networkOf(remoteAddress) ?? unknownAddress;
}

/**
 * Returns an address in the form by which limits count, or null if the text is not an address. A port at the end is
 * ignored, because some proxies append one.
 */
export function networkOf(text: string): string | null {
  // Nearly all addresses have one of these two forms. Node checks them ten times as fast as `ipaddr.js` does.
  const plain = text.startsWith('::ffff:') ? text.slice(7) : text;
  if (isIPv4(plain)) return plain;
  const bare = /^\[([^\]]{1,64})\](?::\d{1,5})?$/.exec(text)?.[1] ?? /^([\d.]{7,15}):\d{1,5}$/.exec(text)?.[1] ?? text;
  if (bare.length > 64 || !ipaddr.isValid(bare) || (!bare.includes(':') && !ipaddr.IPv4.isValidFourPartDecimal(bare))) {
    return null;
  }
  const address = ipaddr.process(bare);
  if (address instanceof ipaddr.IPv4) return address.toString();
  // A NAT64 gateway maps all of IPv4 into one /64, so the embedded IPv4 address counts.
  if (address.range() === 'rfc6052') return new ipaddr.IPv4(address.toByteArray().slice(12)).toString();
  return `${new ipaddr.IPv6([...address.parts.slice(0, 4), 0, 0, 0, 0]).toString()}/64`;
}
