import { expect, it } from '@jest/globals';
import { chainHash, chainStart } from './chain.js';
import { chainLink } from '../log/change-kinds.js';
import type { LineChange } from '../log/show-change.js';
import type { Waiter } from '../model/waiter.js';

const at = Date.UTC(2026, 10, 23, 18, 30);

const waiter: Waiter = {
  line: 'entry',
  lineTicket: 7,
  place: null,
  sessionId: 'ann',
  partySize: 2,
  tiers: null,
  kind: null,
  joinedAt: at,
  expiresAt: at + 1,
  receipt: 'receipt',
  source: null,
  hasPassedChallenge: false,
};

it('hashes an entry as the contract says, with 64 zeros before the first entry', () => {
  const first = chainHash(chainStart, 1, at, { line: 'entry', kind: 'join', lineTicket: 1 });
  // printf '%064d|1|2026-11-23T18:30:00.000Z|join|1' 0 | sha256sum
  expect(first).toBe('1a22e661eda27276e6389f3959b027876de6dc68438c0eaf3e126b0aedb19282');
  // printf '%s|2|2026-11-23T18:30:00.000Z|shuffle|' "$first" | sha256sum
  expect(chainHash(first, 2, at, { line: 'entry', kind: 'shuffle', lineTicket: null })).toBe(
    '137416e47eb44507f999e8d77d45b9372ce44edc9372851872a6f0025e810027',
  );
});

const stayOfAnn = { sessionId: 'ann', admittedAt: at, until: at + 1, lineTicket: 7, source: null };
const ended = { type: 'left', lineTicket: 7, place: 7, sessionId: 'ann' } as const;

it.each<[string, LineChange, ReturnType<typeof chainLink>]>([
  ['a session that joins', { type: 'joined', waiter }, { line: 'entry', kind: 'join', lineTicket: 7 }],
  [
    'a session that leaves',
    { ...ended, line: 'seats', kind: 'leave', reason: null },
    { line: 'seats', kind: 'leave', lineTicket: 7 },
  ],
  [
    'a wait that ends',
    { ...ended, line: 'entry', kind: 'expire', reason: 'maxWait' },
    { line: 'entry', kind: 'expire', lineTicket: 7 },
  ],
  [
    'an offer that lapses',
    { ...ended, line: 'seats', kind: 'lapse', reason: 'offerLapsed' },
    { line: 'seats', kind: 'lapse', lineTicket: 7 },
  ],
  [
    'an offer',
    { type: 'offered', lineTicket: 7, place: 7, sessionId: 'ann', bookingId: 'b' },
    { line: 'seats', kind: 'offer', lineTicket: 7 },
  ],
  ['an admission', { type: 'entered', stay: stayOfAnn, place: 3 }, { line: 'entry', kind: 'admit', lineTicket: 7 }],
  ['the shuffle', { type: 'shuffled', seed: 'seed' }, { line: 'entry', kind: 'shuffle', lineTicket: null }],
  [
    'nothing for an admission without a wait',
    { type: 'entered', stay: { ...stayOfAnn, lineTicket: null }, place: null },
    null,
  ],
  ['nothing for a waiter that passes the challenge', { type: 'challengePassed', lineTicket: 7 }, null],
  ['nothing for the end of a stay', { type: 'stayEnded', sessionId: 'ann' }, null],
])('records %s in the chain', (_, change, link) => {
  expect(chainLink(change)).toEqual(link);
});
