import { readConfig } from '../../src/config/config.js';
import { startService } from '../../src/service.js';
import { createTestDatabase, testEnvironment } from './database.js';

/** A started service on a database of its own. */
export interface TestApp {
  readonly url: string;
  readonly databaseUrl: string;
  close(): Promise<void>;
}

/** Starts the whole service in this process. @param options.env settings; @param options.demo with the demo catalog */
export async function startApp(options: { env?: Record<string, string>; demo?: boolean } = {}): Promise<TestApp> {
  const database = await createTestDatabase({ demo: options.demo ?? true });
  const service = await startService(readConfig(testEnvironment(database.url, options.env)));
  return {
    url: service.url,
    databaseUrl: database.url,
    close: async () => {
      await service.close();
      await database.drop();
    },
  };
}
