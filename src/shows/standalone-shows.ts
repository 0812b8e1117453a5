import type { Pool } from 'pg';
import type { CatalogService } from '../catalog/index.js';
import type { Config } from '../config/config.js';
import type { DatabaseClock } from '../database/database-clock.js';
import { DatabaseSecrets } from '../database/database-secrets.js';
import { ShowBroadcaster } from '../realtime/index.js';
import { ReceiptSigner } from './lane/receipt-signer.js';
import { ShowsService } from './lane/shows.service.js';
import { PostgresShowStore } from './store/postgres-show-store.js';
import { ShowLogRepository } from './store/show-log.repository.js';

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
  const signer = new ReceiptSigner(new DatabaseSecrets(pool));
  const broadcaster = new ShowBroadcaster(config);
  const shows = new ShowsService(config, new PostgresShowStore(pool), showLog, catalog, clock, broadcaster, signer);
  return { shows, showLog };
}
