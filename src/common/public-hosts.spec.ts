import { describe, expect, it } from '@jest/globals';
import { isPrivateLiteral, isPublicAddress, PrivateHostError, publicLookup } from './public-hosts.js';

describe('isPublicAddress', () => {
  it.each(['8.8.8.8', '1.1.1.1', '2001:4860:4860::8888', '::ffff:8.8.8.8'])('accepts %s', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    '127.0.0.1',
    '127.8.8.8',
    '0.0.0.0',
    '10.0.0.1',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '240.0.0.1',
    '::1',
    '::',
    '::127.0.0.1',
    '::7f00:1',
    'fe80::1',
    'fe80::1%eth0',
    'fd00::1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    'fec0::1',
    'localhost',
  ])('refuses %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

describe('isPrivateLiteral', () => {
  it.each([
    'https://127.0.0.1/',
    'https://0x7f.1/',
    'https://2130706433/',
    'https://[::1]:8443/',
    'https://[fd00::1]/',
    'https://[::ffff:192.168.0.1]/',
    'https://[::127.0.0.1]/',
    'https://①②⑦.0.0.1/',
  ])('recognises the private address in %s', (url) => {
    expect(isPrivateLiteral(new URL(url))).toBe(true);
  });

  it.each(['https://push.example/', 'https://8.8.8.8/', 'https://[2001:4860:4860::8888]/', 'https://localhost/'])(
    'accepts %s before the DNS lookup',
    (url) => {
      expect(isPrivateLiteral(new URL(url))).toBe(false);
    },
  );
});

describe('publicLookup', () => {
  const resolved = (hostname: string, all: boolean) =>
    new Promise((resolve) => publicLookup(hostname, { all }, (error, address) => resolve(error ?? address)));

  it.each([true, false])('refuses a host name that resolves to this machine (all: %s)', async (all) => {
    expect(await resolved('localhost', all)).toBeInstanceOf(PrivateHostError);
  });

  it('returns a public address', async () => {
    expect(await resolved('8.8.8.8', true)).toEqual([{ address: '8.8.8.8', family: 4 }]);
    expect(await resolved('8.8.8.8', false)).toBe('8.8.8.8');
  });
});
