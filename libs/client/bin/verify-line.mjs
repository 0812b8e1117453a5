#!/usr/bin/env node
// Checks a line's order from its published proof, with the built SDK and nothing of the service.
// Exit code: 0 all holds, 1 something does not, 2 nothing could be checked (wrong usage, no answer, no such file).
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { fetchProof, readQueue, verifyLine, verifyPlace } from '@usher/client';

const usage = `Usage: npm run verify-line -- URL SHOW_ID [options]

  --line entry|seats   which line of the show; entry when not given
  --commitment HEX     the commitment as you noted it before the lobby opened
  --queue FILE         your place as the service answered it (JSON), with
  --session ID         the session that it was answered to`;

/** Findings shown of each check: a line that was tampered with may have one for every entry. */
const shownMax = 10;

/** Prints a line. What the service sent may not steer the terminal, or it could paint "All holds." over the findings. */
const say = (text = '') => process.stdout.write(`${text.replaceAll(/\p{Cc}/gu, '?')}\n`);

/** What keeps the check from being made at all. */
class CannotCheck extends Error {}

/** A command line that asks for nothing that can be done. */
class WrongUsage extends Error {}

function parse(options) {
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    throw new WrongUsage(error.message, { cause: error });
  }
}

function readArguments() {
  const text = { type: 'string' };
  const options = { line: { ...text, default: 'entry' }, commitment: text, queue: text, session: text };
  const { values, positionals } = parse(options);
  const [url = '', show = '', ...more] = positionals;
  const { line, queue, session } = values;
  if (more.length > 0 || !/^[1-9][0-9]{0,14}$/.test(show))
    throw new WrongUsage('Give the URL and the number of the show');
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) throw new WrongUsage(`${url} is no address of a service`);
  if (line !== 'entry' && line !== 'seats') throw new WrongUsage(`There is no line "${line}"`);
  if ((queue === undefined) !== (session === undefined)) throw new WrongUsage('--queue and --session go together');
  const commitment = values.commitment?.trim().toLowerCase();
  return { url, showId: Number(show), line, commitment, queue, sessionId: session?.trim().toLowerCase() };
}

async function readQueueFile(file) {
  let queue;
  try {
    queue = readQueue(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    throw new CannotCheck(`${file} could not be read: ${error.message}`, { cause: error });
  }
  if (queue === null) throw new CannotCheck(`${file} holds no place in a line as the service answers it`);
  return queue;
}

async function readProof({ url, showId, line }) {
  try {
    return await fetchProof(url, showId, line);
  } catch (error) {
    throw new CannotCheck(error.message, { cause: error });
  }
}

const words = { holds: 'ok   ', fails: 'FAILS', idle: '-    ' };

function showCheck({ state, title, note, findings }) {
  say(`${words[state]}  ${title}${note === null ? '' : ` (${note})`}`);
  for (const { n, text } of findings.slice(0, shownMax)) say(`         ${n === null ? '' : `entry ${n}: `}${text}`);
  if (findings.length > shownMax) say(`         … and ${findings.length - shownMax} more`);
}

function showProof({ url, showId, line }, { publicKey, commitment, seed, chain }) {
  say(`The ${line} line of show ${showId} at ${url}`);
  say(`  public key  ${publicKey}`);
  say(`  commitment  ${commitment ?? 'none: the line has no lobby'}`);
  say(`  seed        ${seed ?? 'not published'}`);
  say(`  last hash   ${chain.at(-1)?.hash ?? 'none'} (entry ${chain.length})`);
  say();
}

function showCounts({ tickets, lobby, states, offersOutOfOrder }, line) {
  const { join, leave, expire, admit, offer, lapse } = states;
  say();
  say(`${tickets} tickets, ${lobby} of them in the lobby`);
  say(`${join} waiting, ${admit + offer} served, ${leave} left, ${expire} expired, ${lapse} lapsed`);
  if (line === 'seats') say(`offers out of ticket order: ${offersOutOfOrder} — allowed when seats did not fit`);
}

/** What has become of a ticket, by the last thing that happened to it. */
const fates = {
  join: 'still waiting',
  leave: 'left',
  expire: 'expired',
  admit: 'admitted',
  offer: 'offered seats',
  lapse: 'served, but did not come in time',
};

async function checkReceipt({ showId, line, sessionId }, proof, report, queue) {
  const found = await verifyPlace({ proof, report, showId, line, queue, sessionId });
  const { findings, ticket, place, ahead, state } = found;
  say();
  showCheck({
    state: findings.length === 0 ? 'holds' : 'fails',
    title: `The receipt of ticket ${ticket} is signed for this session and is the one in the chain`,
    note: null,
    findings,
  });
  if (place === null) say(`       ticket ${ticket}: no place yet`);
  else say(`       ticket ${ticket}: place ${place} of ${report.order.length}, ${ahead} still waiting ahead of it`);
  if (state !== null) say(`       ${fates[state]}`);
  return findings.length;
}

async function main() {
  const wish = readArguments();
  const queue = wish.queue === undefined ? null : await readQueueFile(wish.queue);
  const proof = await readProof(wish);
  showProof(wish, proof);
  const report = await verifyLine({ proof, line: wish.line, commitment: wish.commitment });
  report.checks.forEach(showCheck);
  showCounts(report.counts, wish.line);
  const found = report.findings.length + (queue === null ? 0 : await checkReceipt(wish, proof, report, queue));
  say();
  if (proof.commitment !== null && wish.commitment === undefined) {
    say('A commitment binds from when it was seen: compare it with one noted before the lobby opened (--commitment).');
  }
  const isEmpty = report.counts.tickets === 0 && proof.chain.length === 0;
  if (found === 0)
    say(isEmpty ? `Nobody has stood in this show's ${wish.line} line yet: there is little to check.` : 'All holds.');
  else say(`Findings: ${found}.`);
  return found === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof CannotCheck || error instanceof WrongUsage)) throw error;
  process.stderr.write(`${error.message}\n${error instanceof WrongUsage ? `\n${usage}\n` : ''}`);
  process.exitCode = 2;
}
