import { expect, it } from '@jest/globals';
import { normalizedAddress } from './normalized-address.js';

it.each(['ada@example.com', 'Ada@Example.COM', 'ada+tickets@example.com', 'ADA+a+b@example.com'])(
  'counts %s as the mailbox ada@example.com',
  (address) => {
    expect(normalizedAddress(address)).toBe('ada@example.com');
  },
);

it('counts different mailboxes separately', () => {
  expect(normalizedAddress('ada@example.org')).toBe('ada@example.org');
  expect(normalizedAddress('a.da@example.com')).toBe('a.da@example.com');
});
