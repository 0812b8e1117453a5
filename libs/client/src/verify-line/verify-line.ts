/**
 * Checks a line's order from its published proof alone, see "The line's proof": nothing here asks the service anything or
 * takes its word. Runs wherever there is WebCrypto: Node, and browsers on pages that came over TLS or from this machine.
 */
import type { ChainEntry, LineName, QueueProof } from '@usher/contract';
import { type Bytes, fromBase64url, fromHex, sha256, sha256Each, toHex, utf8 } from '../common/bytes.js';
import { LineFindings, type LineReport, type TicketState } from './report.js';
import { type LobbyMember, receiptBytes, shuffleLobby } from './shuffle.js';
import { type Walk, walkLine } from './chain-replay.js';

/** What {@link verifyLine} checks. */
export interface LineClaim {
  readonly proof: QueueProof;
  readonly line: LineName;
  /** The commitment as it was noted before the lobby opened, if it was: only then can it not have been changed since. */
  readonly commitment?: string | undefined;
}

/** Whether proofs can be checked here. Browsers have WebCrypto only on pages that came over TLS or from this machine. */
export const canVerify = (): boolean => 'subtle' in globalThis.crypto;

/**
 * Checks the whole order of a line: the hash chain, the tickets, the commitment, the shuffle, and that nobody was
 * overtaken. A hundred thousand in a lobby take a few seconds.
 *
 * @throws Error where there is no WebCrypto, see {@link canVerify}
 */
export async function verifyLine({ proof, line, commitment }: LineClaim): Promise<LineReport> {
  if (!canVerify()) throw new Error('There is no WebCrypto here: open the page over https, or use npm run verify-line');
  const findings = new LineFindings();
  const { chain } = proof;
  checkNumbers(chain, findings);
  await checkHashes(chain, findings);
  checkTickets(chain, findings);
  checkReceipts(chain, findings);
  const lobby = findLobby(proof, findings);
  const seed = await checkCommitment(proof, lobby !== null, commitment, findings);
  const hasLobby = lobby !== null || proof.commitment !== null;
  const order = await orderOf(chain, hasLobby, lobby, seed);
  const walk = walkLine({ chain, line, order, hasLobby, findings });
  if (order === null) findings.leave('order', 'The order is not known before the shuffle and its seed');
  else if (line === 'seats') findings.leave('order', 'In the seat line, seats that do not fit a party may go past it');
  return {
    holds: findings.all.length === 0,
    checks: findings.checks(),
    findings: findings.all,
    order,
    states: walk.states,
    counts: countsOf(walk, lobby?.length ?? 0),
  };
}

function checkNumbers(chain: readonly ChainEntry[], findings: LineFindings): void {
  chain.forEach(({ n }, index) => {
    if (n !== index + 1) findings.add('numbers', n, `Entry ${n} stands where entry ${index + 1} should be`);
  });
}

/** What stands before the first entry's hash. */
const zeros = '0'.repeat(64);

/** Each hash is held against the one before it as published, so all can be made at once; together they are the chain. */
async function checkHashes(chain: readonly ChainEntry[], findings: LineFindings): Promise<void> {
  const input = (index: number): Bytes => {
    const entry = chain[index];
    if (entry === undefined) throw new RangeError(`No entry at ${index}`);
    const previous = index === 0 ? zeros : chain[index - 1]?.hash;
    return utf8(`${previous}|${entry.n}|${entry.at}|${entry.kind}|${entry.ticket ?? ''}`);
  };
  await sha256Each(chain.length, input, (index, digest) => {
    const entry = chain[index];
    if (entry && entry.hash !== toHex(digest)) {
      findings.add('hashes', entry.n, `The hash of entry ${entry.n} does not follow from it and from the one before`);
    }
  });
}

function checkTickets(chain: readonly ChainEntry[], findings: LineFindings): void {
  let last = 0;
  for (const { n, kind, ticket } of chain) {
    if ((kind === 'shuffle') !== (ticket === null)) {
      findings.add('tickets', n, kind === 'shuffle' ? 'A shuffle of one ticket' : `A "${kind}" without a ticket`);
    } else if (kind === 'join') {
      last++;
      if (ticket !== last) findings.add('tickets', n, `Ticket ${ticket} was given where ${last} was next`);
    }
  }
}

function checkReceipts(chain: readonly ChainEntry[], findings: LineFindings): void {
  const owners = new Map<string, number>();
  for (const { n, kind, ticket, receipt } of chain) {
    if (kind !== 'join' || ticket === null) continue;
    if (receipt === null || fromBase64url(receipt, receiptBytes) === null) {
      findings.add('receipts', n, `Ticket ${ticket} has no receipt of ${receiptBytes} bytes`);
      continue;
    }
    const owner = owners.get(receipt);
    if (owner !== undefined) findings.add('receipts', n, `Ticket ${ticket} has the receipt of ticket ${owner}`);
    owners.set(receipt, ticket);
  }
}

/** The lobby's joins in ticket order: everybody who joined before the shuffle, gone or not. Null without a shuffle. */
function findLobby({ chain, commitment, lobbySize }: QueueProof, findings: LineFindings): ChainEntry[] | null {
  const at = chain.findIndex(({ kind }) => kind === 'shuffle');
  if (at === -1) {
    if (commitment !== null) findings.leave('shuffle', 'The lobby is not shuffled yet');
    else if (lobbySize === 0) findings.leave('shuffle', 'This line has no lobby');
    else findings.add('shuffle', null, `A lobby of ${lobbySize} without a commitment or a shuffle`);
    return null;
  }
  for (const { n, kind } of chain.slice(at + 1)) {
    if (kind === 'shuffle') findings.add('shuffle', n, `Entry ${n} shuffles a second time`);
  }
  const lobby = chain.slice(0, at).filter(({ kind }) => kind === 'join');
  if (lobby.length !== lobbySize) {
    const joined = `${lobby.length} joined before the shuffle`;
    findings.add('shuffle', chain[at]?.n ?? null, `${joined}, but the lobby is said to have had ${lobbySize}`);
  }
  return lobby.toSorted((one, other) => (one.ticket ?? 0) - (other.ticket ?? 0));
}

/** Holds the seed against the commitment, and the commitment against the one noted before. Answers the seed. */
async function checkCommitment(
  { commitment, seed }: QueueProof,
  isShuffled: boolean,
  noted: string | undefined,
  findings: LineFindings,
): Promise<Bytes | null> {
  const add = (text: string) => findings.add('commitment', null, text);
  if (noted !== undefined && noted !== commitment) {
    add(`The commitment was ${noted}, now it is ${commitment ?? 'none'}`);
  }
  if (commitment !== null && fromHex(commitment, 32) === null) add('The commitment is not 32 bytes of lower-case hex');
  if (!isShuffled) {
    if (seed !== null) add('The seed is published before the shuffle');
    findings.leave('commitment', commitment === null ? 'This line has no lobby' : 'The seed comes with the shuffle');
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

/** All tickets by place: the lobby as shuffled, then the later ones as they came. Null where it cannot be known. */
async function orderOf(
  chain: readonly ChainEntry[],
  hasLobby: boolean,
  lobby: readonly ChainEntry[] | null,
  seed: Bytes | null,
): Promise<number[] | null> {
  let first: readonly number[] = [];
  if (hasLobby) {
    if (lobby === null || seed === null) return null;
    const members = lobby.flatMap(({ ticket, receipt }): LobbyMember[] => {
      const bytes = receipt === null ? null : fromBase64url(receipt, receiptBytes);
      return ticket === null || bytes === null ? [] : [{ ticket, receipt: bytes }];
    });
    if (members.length < lobby.length) return null;
    first = await shuffleLobby(seed, members);
  }
  const tickets = chain.flatMap(({ kind, ticket }) => (kind === 'join' && ticket !== null ? [ticket] : []));
  // A set keeps the order in which its members came first.
  return [...new Set([...first, ...tickets.toSorted((one, other) => one - other)])];
}

function countsOf({ states, offersOutOfOrder }: Walk, lobby: number): LineReport['counts'] {
  const inState: Record<TicketState, number> = { join: 0, leave: 0, expire: 0, admit: 0, offer: 0, lapse: 0 };
  for (const state of states.values()) inState[state]++;
  return { tickets: states.size, lobby, states: inState, offersOutOfOrder };
}
