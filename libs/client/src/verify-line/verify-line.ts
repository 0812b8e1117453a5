/**
 * Verifies the order of a line from its published proof. It sends no requests and does not trust the service. It runs
 * wherever WebCrypto exists: in Node, and in browsers on pages that came over TLS or from this machine.
 */
import type { ChainEntry, LineName, QueueProof } from '@usher/contract';
import { type Bytes, fromBase64url, fromHex, sha256, sha256Each, toHex, utf8 } from '../common/bytes.js';
import { type Replay, replayChain } from './chain-replay.js';
import { LineFindings, type LineReport, type LineTicketState } from './report.js';
import { type LobbyMember, receiptLength, shuffleLobby } from './shuffle.js';

/** Options of {@link verifyLine}. */
export interface VerifyLineOptions {
  readonly proof: QueueProof;
  readonly line: LineName;
  /**
   * The commitment that the caller noted before the lobby opened. Without it, the result does not exclude that the
   * service has changed the commitment since then.
   */
  readonly commitment?: string | undefined;
}

/** Returns whether this machine can verify proofs. Browsers have WebCrypto only on pages over TLS or from this machine. */
export const canVerify = (): boolean => 'subtle' in globalThis.crypto;

/**
 * Verifies the whole order of a line. It checks the hash chain, the line tickets, the receipts, the commitment and the
 * shuffle, and whether a session was overtaken. Resolves with a report even if the line is not valid. A lobby of
 * 100,000 members takes a few seconds.
 *
 * @throws Error if there is no WebCrypto, see {@link canVerify}
 */
export async function verifyLine({ proof, line, commitment }: VerifyLineOptions): Promise<LineReport> {
  if (!canVerify()) throw new Error('There is no WebCrypto. Open the page over https, or run npm run verify-line');
  const findings = new LineFindings();
  const { chain } = proof;
  checkNumbers(chain, findings);
  await checkHashes(chain, findings);
  checkLineTickets(chain, findings);
  checkReceipts(chain, findings);
  const lobby = findLobby(proof, findings);
  const seed = await checkCommitment(proof, lobby !== null, commitment, findings);
  const hasLobby = lobby !== null || proof.commitment !== null;
  const order = await computeOrder(chain, hasLobby, lobby, seed);
  const replay = replayChain({ chain, line, order, hasLobby, findings });
  if (order === null) findings.skip('order', 'The order is not known before the shuffle and its seed');
  else if (line === 'seats')
    findings.skip('order', 'In the seat line, seats that do not fit a party may go to a party behind it');
  return {
    isValid: findings.all.length === 0,
    checks: findings.checks(),
    findings: findings.all,
    order,
    states: replay.states,
    counts: countLineTickets(replay, lobby?.length ?? 0),
  };
}

function checkNumbers(chain: readonly ChainEntry[], findings: LineFindings): void {
  chain.forEach(({ n }, index) => {
    if (n !== index + 1) findings.add('numbers', n, `Entry ${n} is at the position of entry ${index + 1}`);
  });
}

/** The value that the first entry uses as the hash before it. */
const firstPreviousHash = '0'.repeat(64);

/**
 * Checks each hash against the published hash before it. So the digests do not depend on each other and are computed
 * concurrently. If every hash is right, the whole chain is right.
 */
async function checkHashes(chain: readonly ChainEntry[], findings: LineFindings): Promise<void> {
  const input = (index: number): Bytes => {
    const entry = chain[index];
    if (entry === undefined) throw new RangeError(`The chain has no entry at index ${index}`);
    const previous = index === 0 ? firstPreviousHash : chain[index - 1]?.hash;
    return utf8(`${previous}|${entry.n}|${entry.at}|${entry.kind}|${entry.ticket ?? ''}`);
  };
  await sha256Each(chain.length, input, (index, digest) => {
    const entry = chain[index];
    if (entry && entry.hash !== toHex(digest)) {
      findings.add('hashes', entry.n, `The hash of entry ${entry.n} does not match the entry and the hash before it`);
    }
  });
}

function checkLineTickets(chain: readonly ChainEntry[], findings: LineFindings): void {
  let last = 0;
  for (const { n, kind, ticket } of chain) {
    if ((kind === 'shuffle') !== (ticket === null)) {
      const text = kind === 'shuffle' ? 'A "shuffle" entry has a line ticket' : `A "${kind}" entry has no line ticket`;
      findings.add('lineTickets', n, text);
    } else if (kind === 'join') {
      last++;
      if (ticket !== last) findings.add('lineTickets', n, `Line ticket ${ticket} was given, but ${last} was next`);
    }
  }
}

function checkReceipts(chain: readonly ChainEntry[], findings: LineFindings): void {
  const owners = new Map<string, number>();
  for (const { n, kind, ticket, receipt } of chain) {
    if (kind !== 'join' || ticket === null) continue;
    if (receipt === null || fromBase64url(receipt, receiptLength) === null) {
      findings.add('receipts', n, `Line ticket ${ticket} has no receipt of ${receiptLength} bytes`);
      continue;
    }
    const owner = owners.get(receipt);
    if (owner !== undefined) {
      findings.add('receipts', n, `Line ticket ${ticket} has the receipt of line ticket ${owner}`);
    }
    owners.set(receipt, ticket);
  }
}

/**
 * Returns the lobby's joins in the order of their line tickets: all joins before the shuffle, including those of sessions
 * that have left since. Returns null if there was no shuffle.
 */
function findLobby({ chain, commitment, lobbySize }: QueueProof, findings: LineFindings): ChainEntry[] | null {
  const shuffleIndex = chain.findIndex(({ kind }) => kind === 'shuffle');
  if (shuffleIndex === -1) {
    if (commitment !== null) findings.skip('shuffle', 'The lobby is not shuffled yet');
    else if (lobbySize === 0) findings.skip('shuffle', 'This line has no lobby');
    else findings.add('shuffle', null, `There is a lobby of ${lobbySize}, but neither a commitment nor a shuffle`);
    return null;
  }
  for (const { n, kind } of chain.slice(shuffleIndex + 1)) {
    if (kind === 'shuffle') findings.add('shuffle', n, `Entry ${n} shuffles the lobby a second time`);
  }
  const lobby = chain.slice(0, shuffleIndex).filter(({ kind }) => kind === 'join');
  if (lobby.length !== lobbySize) {
    const text = `${lobby.length} joined before the shuffle, but the published size of the lobby is ${lobbySize}`;
    findings.add('shuffle', chain[shuffleIndex]?.n ?? null, text);
  }
  return lobby.toSorted((one, other) => (one.ticket ?? 0) - (other.ticket ?? 0));
}

/**
 * Checks the seed against the published commitment, and the published commitment against the noted one.
 *
 * @param notedCommitment the commitment that the caller noted before the lobby opened
 * @returns the seed, or null if it is missing or malformed
 */
async function checkCommitment(
  { commitment, seed }: QueueProof,
  isShuffled: boolean,
  notedCommitment: string | undefined,
  findings: LineFindings,
): Promise<Bytes | null> {
  const add = (text: string) => findings.add('commitment', null, text);
  if (notedCommitment !== undefined && notedCommitment !== commitment) {
    add(`The commitment was ${notedCommitment}, but now it is ${commitment ?? 'missing'}`);
  }
  if (commitment !== null && fromHex(commitment, 32) === null) add('The commitment is not 32 bytes of lower-case hex');
  if (!isShuffled) {
    if (seed !== null) add('The seed was published before the shuffle');
    findings.skip(
      'commitment',
      commitment === null ? 'This line has no lobby' : 'The service publishes the seed with the shuffle',
    );
    return null;
  }
  if (commitment === null) add('The lobby was shuffled without a commitment');
  if (seed === null) {
    add('The lobby was shuffled, but its seed is not published');
    return null;
  }
  const bytes = fromHex(seed, 32);
  if (bytes === null) add('The seed is not 32 bytes of lower-case hex');
  else if (commitment !== null && toHex(await sha256(bytes)) !== commitment) {
    add('The SHA-256 of the seed is not the commitment');
  }
  return bytes;
}

/**
 * Returns all line tickets in the order of their places: first the shuffled lobby, then the later line tickets in ascending
 * order. Returns null if the order cannot be known.
 */
async function computeOrder(
  chain: readonly ChainEntry[],
  hasLobby: boolean,
  lobby: readonly ChainEntry[] | null,
  seed: Bytes | null,
): Promise<number[] | null> {
  let shuffled: readonly number[] = [];
  if (hasLobby) {
    if (lobby === null || seed === null) return null;
    const members = lobby.flatMap(({ ticket, receipt }): LobbyMember[] => {
      const bytes = receipt === null ? null : fromBase64url(receipt, receiptLength);
      return ticket === null || bytes === null ? [] : [{ lineTicket: ticket, receipt: bytes }];
    });
    if (members.length < lobby.length) return null;
    shuffled = await shuffleLobby(seed, members);
  }
  const lineTickets = chain.flatMap(({ kind, ticket }) => (kind === 'join' && ticket !== null ? [ticket] : []));
  // A set keeps its members in the order of their first insertion.
  return [...new Set([...shuffled, ...lineTickets.toSorted((one, other) => one - other)])];
}

function countLineTickets({ states, offersOutOfOrder }: Replay, lobby: number): LineReport['counts'] {
  const countByState: Record<LineTicketState, number> = { join: 0, leave: 0, expire: 0, admit: 0, offer: 0, lapse: 0 };
  for (const state of states.values()) countByState[state]++;
  return { lineTickets: states.size, lobby, states: countByState, offersOutOfOrder };
}
