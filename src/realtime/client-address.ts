import type { IncomingMessage } from 'node:http';
import proxyAddress from 'proxy-addr';

/**
 * Where a call comes from, as the proxies in front tell it.
 *
 * @param proxies how many there are; what stands in `X-Forwarded-For` before their part anybody may have written
 */
export const clientAddress = (request: IncomingMessage, proxies: number): string =>
  proxyAddress(request, (_, hop) => hop < proxies);
