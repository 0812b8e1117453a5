import { afterAll, beforeAll } from '@jest/globals';
import getPort from 'get-port';
import { adminKey } from './api-keys.js';
import { type FileApp, setUpApp } from './file-app.js';
import { TestIdentityProvider } from './identity-provider.js';
import { OperatorBrowser } from './operator-browser.js';

/** A service with a real identity provider. */
export interface OperatorTests {
  readonly app: FileApp;
  readonly provider: TestIdentityProvider;
  /** The browser of a person who has signed in. */
  readonly signedIn: (login: string) => Promise<OperatorBrowser>;
  /** A browser in which nobody has signed in. */
  readonly openBrowser: () => OperatorBrowser;
}

/** Starts an identity provider and a service before the first test of a file. @param env further settings of the service */
export function setUpOperators(env: Record<string, string> = {}): OperatorTests {
  const provider = new TestIdentityProvider();
  let port = 0;
  beforeAll(async () => {
    port = await getPort({ host: '127.0.0.1' });
    await provider.start([`http://127.0.0.1:${port}`]);
  });
  afterAll(() => provider.stop());
  const app = setUpApp({
    env: () => ({
      ADMIN_API_KEY: adminKey,
      PORT: String(port),
      ...provider.settings(`http://127.0.0.1:${port}`),
      ...env,
    }),
  });
  const openBrowser = () => new OperatorBrowser(app.url);
  return {
    app,
    provider,
    openBrowser,
    signedIn: async (login) => {
      const browser = openBrowser();
      const { status, text } = await browser.signIn(login);
      if (status !== 200) throw new Error(`the sign-in of ${login} failed: ${status} ${text}`);
      return browser;
    },
  };
}
