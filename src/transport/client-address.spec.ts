import { expect, it } from '@jest/globals';
import { networkOf } from './client-address.js';

it.each([
  ['192.0.2.7', '192.0.2.7'],
  ['192.0.2.7:5123', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['::ffff:c000:207', '192.0.2.7'],
  ['64:ff9b::192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2:ffff::9', '2001:db8:1:2::/64'],
  ['[2001:db8:1:2::9]:443', '2001:db8:1:2::/64'],
  ['fe80::1%eth0', 'fe80::/64'],
  ['::1', '::/64'],
])('counts the address %s as %s', (text, network) => {
  expect(networkOf(text)).toBe(network);
});

it.each(['', 'unknown', '1', '0x7f.1', '1.2.3', 'a'.repeat(10_000), '_hidden', '192.0.2.7, 192.0.2.8'])(
  'finds no address in %s',
  (text) => {
    expect(networkOf(text)).toBeNull();
  },
);
