import { setTimeout as delay } from 'node:timers/promises';
import type { EntityManager } from '@mikro-orm/postgresql';
import pLimit from 'p-limit';
import type { Pool } from 'pg';
import { CatalogService, ShowCatalogRepository, ShowsAdministration } from '../catalog/index.js';
import { DomainError, isBusy } from '../common/domain-error.js';
import type { Config } from '../config/config.js';
import { DatabaseClock } from '../database/database-clock.js';
import { createStandaloneShows } from '../shows/index.js';
import { AdminShowsService } from '../admin/index.js';
import type { ShowChange } from './change-of-show.js';
import { importCaller, type ImportWatch } from './import-catalog.js';
import type { PendingChanges } from './pending-changes.js';

/** Number of shows that are changed concurrently. It is lower than the number of database connections. */
const concurrency = 4;

/** Maximum number of attempts to change a show that reservations keep locked. */
const attemptsMax = 5;

/**
 * Creates the service that administers shows, for a process that serves no buyers. The nodes of Usher read the commits
 * of this process from the log.
 */
export function showAdministration(em: EntityManager, pool: Pool, config: Config): AdminShowsService {
  const clock = new DatabaseClock();
  const repository = new ShowCatalogRepository(pool);
  const catalog = new CatalogService(repository, clock);
  const { shows, showLog } = createStandaloneShows(pool, config, catalog, clock);
  return new AdminShowsService(shows, catalog, new ShowsAdministration(em, catalog, repository, config), showLog);
}

/**
 * Changes the terms of shows, as `PATCH /v1/admin/shows/:showId` does.
 *
 * @returns the number of refused changes. A change can be refused because the show has changed since the import checked
 * the line
 */
export async function changeShows(
  administration: AdminShowsService,
  pending: PendingChanges,
  watch: ImportWatch,
  signal: AbortSignal,
): Promise<number> {
  watch.startStep('change', await pending.count());
  const limit = pLimit(concurrency);
  let refused = 0;
  const changeOne = async ({ showId, file, line, patch }: ShowChange): Promise<void> => {
    try {
      signal.throwIfAborted();
      await patiently(() => administration.change(showId, patch, importCaller));
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      refused++;
      watch.reportBadLine({ file, line, field: '', message: `show ${showId} was not changed: ${error.message}` });
    }
    watch.advance(1);
  };
  for (let changes = await pending.next(); changes.length > 0; changes = await pending.next()) {
    await Promise.all(changes.map((change) => limit(() => changeOne(change))));
  }
  return refused;
}

async function patiently(change: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await change();
      return;
    } catch (error) {
      if (!isBusy(error) || attempt === attemptsMax) throw error;
      await delay(attempt * 200);
    }
  }
}
