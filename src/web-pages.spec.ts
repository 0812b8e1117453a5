import { readFile } from 'node:fs/promises';
import { expect, it } from '@jest/globals';
import { pagePaths } from './web-pages.js';

it('serves exactly the pages that the web app has', async () => {
  const source = await readFile(new URL('../libs/web/src/app.tsx', import.meta.url), 'utf8');
  const routes = [...source.matchAll(/<Route path="([^"]+)"/g)].map(([, path]) => path!);
  expect(new Set(pagePaths)).toEqual(new Set(routes));
});
