import { z } from 'zod';
import { Instant } from '../values/times.js';
import { LineName } from './queue.js';

/** The kind of an event in a line. */
export const ChainKind = z.enum(['join', 'leave', 'shuffle', 'admit', 'offer', 'lapse', 'expire']);
export type ChainKind = z.infer<typeof ChainKind>;

/**
 * One event in a line, chained to the previous event by its hash. `hash` is the lower-case hex SHA-256 of
 * `previous hash|n|at|kind|ticket`. For the first entry, the previous hash is 64 zeros. `ticket` is empty for `shuffle`.
 */
export const ChainEntry = z
  .object({
    n: z.int().positive(),
    at: Instant,
    kind: ChainKind,
    ticket: z.int().positive().nullable(),
    hash: z.string().length(64),
    receipt: z.string().nullable().meta({
      description: 'The receipt that the session got when it joined; null unless `kind` is `join`',
    }),
  })
  .meta({ id: 'ChainEntry' });
export type ChainEntry = z.infer<typeof ChainEntry>;

/** Maximum number of chain entries in one page of a proof. */
export const proofPageEntriesMax = 1000;

/**
 * Query of `GET …/queue/proof`. The answer has the entries that follow entry `after`, but at most {@link
 * proofPageEntriesMax} of them.
 */
export const ProofQuery = z.object({
  line: LineName.default('entry'),
  after: z
    .string()
    .regex(/^[0-9]{1,15}$/, 'must be the n of an entry')
    .transform(Number)
    .default(0),
});

/** The proof of a line. A program can use it to check the order of the line without trusting the server. */
export const QueueProof = z
  .object({
    algorithm: z.literal('usher-line-1'),
    publicKey: z.string().meta({ description: 'Ed25519, raw 32 bytes as base64url' }),
    commitment: z.string().nullable().meta({ description: 'SHA-256 of the seed, hex; null if the line has no lobby' }),
    seed: z.string().nullable().meta({ description: '32 bytes, hex; null until the lobby has been shuffled' }),
    lobbySize: z.int().nonnegative(),
    chain: z.array(ChainEntry),
    nextCursor: z.string().nullable(),
  })
  .meta({ id: 'QueueProof' });
export type QueueProof = z.infer<typeof QueueProof>;
