import { type ChainEntry, endpoints, isErrorBody, type LineName, QueueProof } from '@usher/contract';
import { toUsherError, UsherError } from '../common/errors.js';
import { pathOf, queryOf } from '../http/rest-client.js';
import { delay, retryDelay } from '../common/retry.js';

/** For one page of a proof. */
const pageTimeoutMs = 30_000;

/** How often a page is asked for before its failure counts. */
const attemptsMax = 5;

/**
 * Downloads the whole proof of a line, all pages of it. No session is needed.
 *
 * @param url of the service, e.g. `http://127.0.0.1:3000`
 * @throws {@link UsherError}: no such show, nobody there, or an answer that cannot be a proof
 */
export async function fetchProof(url: string, showId: number, line: LineName): Promise<QueueProof> {
  const address = url.replace(/\/+$/, '') + pathOf(endpoints.getQueueProof.path, { showId });
  const chain: ChainEntry[] = [];
  let first: QueueProof | null = null;
  let after = 0;
  for (;;) {
    // Pages cannot be read at once: each says where the next one begins.
    const page = await fetchPage(address + queryOf({ line, after }));
    first ??= page;
    requireSame(first, page);
    for (const entry of page.chain) chain.push(entry);
    // The last page's answer is the newest: the seed may have been published while the pages were read.
    if (page.nextCursor === null) return { ...page, chain };
    after = cursorAfter(page.nextCursor, after);
  }
}

/** Key and commitment are fixed: a service that changes them on the way has no proof to show. */
function requireSame(first: QueueProof, page: QueueProof): void {
  const isSame =
    page.publicKey === first.publicKey && (first.commitment === null || page.commitment === first.commitment);
  if (!isSame) throw UsherError.network('The key or the commitment of the line changed while its proof was read');
}

/** The next page's `after`; one that does not go on would be asked for for ever. */
function cursorAfter(cursor: string, after: number): number {
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
      const waitMs = attempt + 1 < attemptsMax ? retryDelay(error, attempt) : null;
      if (waitMs === null) throw error;
      // A long line has hundreds of pages, so a service that counts calls may ask for a pause.
      await delay(waitMs);
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
  if (data === undefined) throw UsherError.network(`What ${href} answered is not a proof of a line`, error);
  return data;
}
