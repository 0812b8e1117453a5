import { describe, expect, it } from '@jest/globals';
import { readCodeBlocks, runPage } from '../support/documented-code.js';

const run = (...markdown: string[]) =>
  runPage('page.md', readCodeBlocks(markdown.join('\n')), 'http://127.0.0.1:1', {});

describe('runPage', () => {
  it('stops at the first block that fails, and prints the line of this block', async () => {
    const { code, output } = await run('# Page', '', '```sh', 'false', '```', '', '```sh', 'echo never', '```');
    expect(code).toBe(1);
    expect(output).toBe('── page.md:3\n');
  });

  it('fails if a program in a block fails', async () => {
    const { code, output } = await run('```js', 'throw new Error("planted");', '```');
    expect(code).toBe(1);
    expect(output).toContain('planted');
  });

  it('keeps variables from one block to the next, even if a block is inside a list', async () => {
    expect(await run('```sh', 'seats=2', '```', '', '- then', '', '  ```sh', '  test $seats = 2', '  ```')).toEqual({
      code: 0,
      output: '',
    });
  });

  it('saves a block that has a file name, and makes it call the service of the test', async () => {
    const page = ['```js [map.mjs]', "process.exitCode = 'http://127.0.0.1:3000'.endsWith(':1') ? 0 : 2;", '```'];
    expect(await run(...page, '', '```sh', 'node map.mjs', '```')).toEqual({ code: 0, output: '' });
  });

  it('refuses to change the packages of the repository', async () => {
    await expect(run('```sh', 'npm ci && npm start', '```')).rejects.toThrow('page.md:1 would change the packages');
  });

  it('does not run a block below a comment that says `not run`, but runs a block below any other comment', async () => {
    expect(await run('<!-- not run: needs Docker -->', '', '```sh', 'false', '```')).toEqual({ code: 0, output: '' });
    expect(await run('<!-- another comment -->', '', '```sh', 'false', '```')).toMatchObject({ code: 1 });
  });
});
