#!/usr/bin/env node
// Verifies the order of a line from its published proof. It uses the built SDK and no code of the service.
//
// - Exit code 0: the line is valid.
// - Exit code 1: there are findings.
// - Exit code 2: nothing could be verified. The usage was wrong, the service did not answer or a file was not readable.
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { fetchProof, parseQueueReceipt, verifyLine, verifyPlace } from '@usher/client';

const usage = `Usage: npm run verify-line -- URL SHOW_ID [options]

  --line entry|seats   the line of the show (default: entry)
  --commitment HEX     the commitment that you noted before the lobby opened
  --queue FILE         a JSON file with your place, as the service returned it; needs --session
  --session ID         the session that received this answer`;

/** Maximum number of findings to print per check. In a forged line, every entry may have a finding. */
const maxPrintedFindings = 10;

/**
 * Prints one row of text. Replaces control characters. Otherwise, a text from the service could move the cursor and
 * write "The line is valid." over the findings.
 */
const print = (text = '') => process.stdout.write(`${text.replaceAll(/\p{Cc}/gu, '?')}\n`);

/** An error that prevents the verification. */
class CannotVerifyError extends Error {}

/** An error in the arguments of the command. */
class UsageError extends Error {}

function parseOptions(options) {
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error.message, { cause: error });
  }
}

function readArguments() {
  const text = { type: 'string' };
  const options = { line: { ...text, default: 'entry' }, commitment: text, queue: text, session: text };
  const { values, positionals } = parseOptions(options);
  const [url = '', show = '', ...excess] = positionals;
  const { line, queue, session } = values;
  if (excess.length > 0 || !/^[1-9][0-9]{0,14}$/.test(show)) {
    throw new UsageError('The command needs the URL of the service and the number of a show');
  }
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) throw new UsageError(`${url} is not an http or https URL`);
  if (line !== 'entry' && line !== 'seats') throw new UsageError(`--line must be entry or seats, not ${line}`);
  if ((queue === undefined) !== (session === undefined)) throw new UsageError('Use --queue and --session together');
  const commitment = values.commitment?.trim().toLowerCase();
  return { url, showId: Number(show), line, commitment, queueFile: queue, sessionId: session?.trim().toLowerCase() };
}

async function readQueueFile(file) {
  let queue;
  try {
    queue = parseQueueReceipt(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    throw new CannotVerifyError(`${file} could not be read: ${error.message}`, { cause: error });
  }
  if (queue === null) throw new CannotVerifyError(`${file} does not contain a place in line as the service returns it`);
  return queue;
}

async function readProof({ url, showId, line }) {
  try {
    return await fetchProof(url, showId, line);
  } catch (error) {
    throw new CannotVerifyError(error.message, { cause: error });
  }
}

const stateLabels = { passed: 'ok    ', failed: 'FAILED', skipped: '-     ' };

function printCheck({ state, title, note, findings }) {
  print(`${stateLabels[state]}  ${title}${note === null ? '' : ` (${note})`}`);
  for (const { n, text } of findings.slice(0, maxPrintedFindings)) {
    print(`          ${n === null ? '' : `entry ${n}: `}${text}`);
  }
  if (findings.length > maxPrintedFindings) print(`          … and ${findings.length - maxPrintedFindings} more`);
}

function printProof({ url, showId, line }, { publicKey, commitment, seed, chain }) {
  print(`The ${line} line of show ${showId} at ${url}`);
  print(`  public key  ${publicKey}`);
  print(`  commitment  ${commitment ?? 'none, because the line has no lobby'}`);
  print(`  seed        ${seed ?? 'not published'}`);
  print(`  last hash   ${chain.at(-1)?.hash ?? 'none'} (entry ${chain.length})`);
  print();
}

function printCounts({ lineTickets, lobby, states, offersOutOfOrder }, line) {
  const { join, leave, expire, admit, offer, lapse } = states;
  print();
  print(`${lineTickets} line tickets, ${lobby} of them in the lobby`);
  print(`${join} waiting, ${admit + offer} served, ${leave} left, ${expire} expired, ${lapse} lapsed`);
  if (line === 'seats') {
    print(`offers out of order: ${offersOutOfOrder} (allowed if the seats did not fit the parties ahead)`);
  }
}

/** Descriptions of the states of a line ticket. */
const stateTexts = {
  join: 'still waiting',
  leave: 'left',
  expire: 'expired',
  admit: 'admitted',
  offer: 'received an offer of seats',
  lapse: 'served, but did not come in time',
};

/** Verifies a receipt, prints the result, and returns the number of findings. */
async function verifyQueueReceipt({ showId, line, sessionId }, proof, report, queue) {
  const result = await verifyPlace({ proof, report, showId, line, queue, sessionId });
  const { findings, lineTicket, place, ahead, state } = result;
  print();
  printCheck({
    state: findings.length === 0 ? 'passed' : 'failed',
    title: `The receipt of line ticket ${lineTicket} is signed for this session and is in the chain`,
    note: null,
    findings,
  });
  if (place === null) print(`        line ticket ${lineTicket}: no place yet`);
  else
    print(
      `        line ticket ${lineTicket}: place ${place} of ${report.order.length}, ${ahead} still waiting ahead of it`,
    );
  if (state !== null) print(`        ${stateTexts[state]}`);
  return findings.length;
}

async function main() {
  const options = readArguments();
  const queue = options.queueFile === undefined ? null : await readQueueFile(options.queueFile);
  const proof = await readProof(options);
  printProof(options, proof);
  const report = await verifyLine({ proof, line: options.line, commitment: options.commitment });
  report.checks.forEach(printCheck);
  printCounts(report.counts, options.line);
  const receiptFindings = queue === null ? 0 : await verifyQueueReceipt(options, proof, report, queue);
  const findingCount = report.findings.length + receiptFindings;
  print();
  if (proof.commitment !== null && options.commitment === undefined) {
    print('The service could have changed the commitment before you saw it.');
    print('To exclude this, note it before the lobby opens and pass it with --commitment.');
  }
  const isEmpty = report.counts.lineTickets === 0 && proof.chain.length === 0;
  if (findingCount > 0) print(`Findings: ${findingCount}.`);
  else if (isEmpty) print(`Nobody has joined the ${options.line} line of this show yet, so there is little to verify.`);
  else print('The line is valid.');
  return findingCount === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof CannotVerifyError || error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n${error instanceof UsageError ? `\n${usage}\n` : ''}`);
  process.exitCode = 2;
}
