import type { Pool } from 'pg';
import type { CatalogService } from '../catalog/index.js';
import type { Config } from '../config/config.js';
import type { DatabaseClock } from '../database/database-clock.js';
import { ShowBroadcaster } from '../realtime/index.js';
import { type ReceiptKey, ReceiptSigner } from './lane/receipt-signer.js';
import { ShowsService } from './lane/shows.service.js';
import { PostgresShowStore } from './store/postgres-show-store.js';
import { ShowLogRepository } from './store/show-log.repository.js';

/** Refuses to sign. A process that serves no buyers issues no line tickets, so it needs no private key. */
class NoReceiptSigner extends ReceiptSigner {
  override async ready(): Promise<ReceiptKey> {
    const sign = () => {
      throw new Error('this process has no key for receipts');
    };
    return { sign, publicKey: '' };
  }
}

/**
 * Creates the shows service for a process that serves no buyers, such as an import. The nodes of the service read the
 * commits of that process from the log.
 */
export function createStandaloneShows(
  pool: Pool,
  config: Config,
  catalog: CatalogService,
  clock: DatabaseClock,
): { shows: ShowsService; showLog: ShowLogRepository } {
  const showLog = new ShowLogRepository(pool);
  const broadcaster = new ShowBroadcaster(config);
  const shows = new ShowsService(
    config,
    new PostgresShowStore(pool),
    showLog,
    catalog,
    clock,
    broadcaster,
    new NoReceiptSigner(),
  );
  return { shows, showLog };
}
