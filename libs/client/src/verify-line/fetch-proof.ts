import { type ChainEntry, endpoints, isErrorBody, type LineName, QueueProof } from '@usher/contract';
import { toUsherError, UsherError } from '../common/errors.js';
import { delay, retryDelayMs } from '../common/retry.js';
import { fillPath, queryString } from '../http/url.js';

/** Longest wait for one page of a proof. */
const pageTimeoutMs = 30_000;

const maxAttemptsPerPage = 5;

/**
 * Downloads all pages of a line's proof. The requests need no session. Resolves when the last page has been read.
 *
 * @param url the URL of the service, for example `http://127.0.0.1:3000`
 * @throws UsherError `NOT_FOUND` if there is no such show, `TIMEOUT`, or `NETWORK` if the service cannot be reached or
 *   its answer is not a valid proof
 */
export async function fetchProof(url: string, showId: number, line: LineName): Promise<QueueProof> {
  const address = url.replace(/\/+$/, '') + fillPath(endpoints.getQueueProof.path, { showId });
  const chain: ChainEntry[] = [];
  let first: QueueProof | null = null;
  let after = 0;
  for (;;) {
    // The pages cannot be read concurrently, because each page names the start of the next one.
    const page = await fetchPage(address + queryString({ line, after }));
    first ??= page;
    requireSameLine(first, page);
    for (const entry of page.chain) chain.push(entry);
    // The last page is the newest answer. The service may have published the seed after it sent the first page.
    if (page.nextCursor === null) return { ...page, chain };
    after = parseCursor(page.nextCursor, after);
  }
}

/**
 * Throws if the key or the published commitment differs between two pages. A line never changes them, so such pages are
 * no proof.
 */
function requireSameLine(first: QueueProof, page: QueueProof): void {
  const isSame =
    page.publicKey === first.publicKey && (first.commitment === null || page.commitment === first.commitment);
  if (!isSame) throw UsherError.network('The key or the commitment of the line changed while its proof was read');
}

/**
 * Returns the `after` of the next page. Throws if the cursor does not advance, because the loop would then never end.
 */
function parseCursor(cursor: string, after: number): number {
  const next = Number(cursor);
  if (!Number.isSafeInteger(next) || next <= after) throw UsherError.network(`The proof has a wrong cursor, ${cursor}`);
  return next;
}

async function fetchPage(href: string): Promise<QueueProof> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await tryPage(href);
    } catch (thrown) {
      const error = toUsherError(thrown);
      const delayMs = attempt + 1 < maxAttemptsPerPage ? retryDelayMs(error, attempt) : null;
      if (delayMs === null) throw error;
      // A long line has hundreds of pages, so the service's rate limit may ask for a pause.
      await delay(delayMs);
    }
  }
}

async function tryPage(href: string): Promise<QueueProof> {
  const signal = AbortSignal.timeout(pageTimeoutMs);
  let body: unknown;
  try {
    const response = await fetch(href, { signal });
    body = await response.json();
  } catch (error) {
    if (signal.aborted) throw UsherError.timeout(`No answer from ${href} within ${pageTimeoutMs} ms`);
    throw UsherError.network(`No proof could be read at ${href}`, error);
  }
  if (isErrorBody(body)) throw UsherError.of(body);
  const { data, error } = QueueProof.safeParse(body);
  if (data === undefined) throw UsherError.network(`The answer of ${href} is not a proof of a line`, error);
  return data;
}
