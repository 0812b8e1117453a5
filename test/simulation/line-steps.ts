import fc from 'fast-check';
import { testSeed } from './commands.js';
import type { Line, StoredLine } from '../../src/shows/core/line/line.js';
import type { Waiter } from '../../src/shows/core/line/waiter.js';

/** A waiter of whom a test says only what matters to it. */
export const waiterOf = (ticket: number, other: Partial<Waiter> = {}): Waiter => ({
  line: 'entry',
  ticket,
  place: ticket,
  sessionId: `session-${ticket}`,
  partySize: 1,
  tiers: null,
  kind: null,
  joinedAt: 1000,
  expiresAt: 61_000,
  receipt: Buffer.from(`receipt ${ticket}`).toString('base64url'),
  ...other,
});

/** Something that happens to a line: somebody joins, one of those who ever joined leaves, or the lobby is drawn. */
export type LineStep =
  | {
      readonly type: 'join';
      readonly partySize: number;
      readonly tiers: readonly string[] | null;
      readonly waitMs: number;
    }
  | { readonly type: 'leave'; readonly nth: number }
  | { readonly type: 'shuffle' };

const join = fc.record({
  type: fc.constant('join' as const),
  partySize: fc.integer({ min: 1, max: 3 }),
  tiers: fc.constantFrom(null, ['A'], ['A', 'B']),
  waitMs: fc.constantFrom(500, 5000, 60_000),
});

/** Steps of a line; a shuffle that comes when there is no lobby is no step. */
export const lineSteps: fc.Arbitrary<LineStep[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: join },
    { weight: 4, arbitrary: fc.record({ type: fc.constant('leave' as const), nth: fc.nat(20) }) },
    { weight: 1, arbitrary: fc.constant({ type: 'shuffle' as const }) },
  ),
  { maxLength: 40 },
);

/** Who joins with a step. @param inLobby whether the lobby is open */
export const joinerOf = (step: LineStep & { type: 'join' }, ticket: number, inLobby: boolean): Waiter =>
  waiterOf(ticket, {
    place: inLobby ? null : ticket,
    partySize: step.partySize,
    tiers: step.tiers,
    expiresAt: 1000 + step.waitMs,
  });

/** What the tables hold of a line: not the places of a lobby, but what they are drawn again from. */
export function storedOf(line: Line, lobby: readonly Waiter[]): StoredLine {
  const isUnplaced = ({ ticket }: Waiter) => lobby.some((one) => one.ticket === ticket);
  const waiters = [...line.waiters.values()].toSorted((a, b) => a.ticket - b.ticket);
  const isWanted = line.lobbySize === null || waiters.some(isUnplaced);
  return {
    lastTicket: line.lastTicket,
    version: line.version,
    hash: line.hash,
    seed: testSeed,
    lobbySize: line.lobbySize,
    waiters: waiters.map((waiter) => (isUnplaced(waiter) ? { ...waiter, place: null } : waiter)),
    lobbyReceipts: isWanted ? lobby.map(({ receipt }) => receipt) : [],
    recent: [],
  };
}
