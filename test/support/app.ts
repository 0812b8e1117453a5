import { createTestDatabase, testEnvironment } from './database.js';
import { startTestService } from './service-host/start-test-service.js';

/** A running service with its own database. */
export interface TestApp {
  readonly url: string;
  readonly databaseUrl: string;
  close(): Promise<void>;
}

/**
 * Starts the whole service on a new database, in the host process of this Jest worker.
 *
 * @param options.env further settings
 * @param options.demo true (the default) to load the demo catalog
 */
export async function startApp(options: { env?: Record<string, string>; demo?: boolean } = {}): Promise<TestApp> {
  const database = await createTestDatabase({ demo: options.demo ?? true });
  const service = await startTestService(testEnvironment(database.url, options.env));
  return {
    url: service.url,
    databaseUrl: database.url,
    close: async () => {
      await service.close();
      await database.drop();
    },
  };
}
