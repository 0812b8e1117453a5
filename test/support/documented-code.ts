import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { Code, RootContent } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import getPort from 'get-port';
import type { Service } from '../../src/service.js';
import { createTestDatabase, type TestDatabase, testEnvironment } from './database.js';
import { startTestService } from './service-host/start-test-service.js';
import { testEncryptionKey } from './test-encryption-key.js';
import { testSessionSecret } from './test-session-secret.js';

const repository = resolve(import.meta.dirname, '../..');

/** The service's address in the documents. A test replaces it with the address of its own service. */
const documentedUrl = 'http://127.0.0.1:3000';

/** Maximum time for all code of one page, in milliseconds. */
const pageMsMax = 120_000;

/** Maximum number of characters of a failed page's output that an error shows. */
const shownOutputMax = 3000;

/** A code block of a page. */
export interface CodeBlock {
  readonly language: string;
  readonly text: string;
  readonly line: number;
  /** The name of the file in which the reader saves the block, from a fence such as ```` ```js [map.mjs] ````. */
  readonly fileName: string | undefined;
  /** Why the test cannot run the block, from a comment `<!-- not run: reason -->` directly above it. */
  readonly notRunReason: string | undefined;
}

/** Reads the code blocks of a Markdown page, including those inside lists. */
export function readCodeBlocks(markdown: string): readonly CodeBlock[] {
  const blocks: CodeBlock[] = [];
  const visit = (siblings: readonly RootContent[]) => {
    for (const [index, node] of siblings.entries()) {
      if (node.type === 'code') blocks.push(toCodeBlock(node, siblings[index - 1]));
      else if ('children' in node) visit(node.children);
    }
  };
  visit(fromMarkdown(markdown).children);
  return blocks;
}

function toCodeBlock(node: Code, above: RootContent | undefined): CodeBlock {
  const comment = above?.type === 'html' ? /^<!-- not run: (.+) -->$/.exec(above.value.trim()) : null;
  return {
    language: node.lang ?? '',
    text: node.value,
    line: node.position?.start.line ?? 0,
    fileName: /^\[([\w.-]+)\]$/.exec(node.meta?.trim() ?? '')?.[1],
    notRunReason: comment?.[1],
  };
}

/** Returns a command that writes `text` to a file in the script's folder, byte for byte as documented. */
const toSaveCommand = (fileName: string, text: string): string =>
  `base64 -d > '${fileName}' <<< '${Buffer.from(`${text}\n`).toString('base64')}'`;

/** Matches commands that would change the repository's `node_modules`, which the work folder shares. */
const changesPackages = /\bnpm (ci|i|install|rebuild|update)\b/;

/** Returns the bash command that runs a block. There is one function per language. */
const commands: Readonly<Record<string, (text: string, name: string) => string>> = {
  sh: (text) => text,
  js: (text, name) => `${toSaveCommand(`${name}.mjs`, text)}\nnode ${name}.mjs`,
  py: (text, name) => `${toSaveCommand(`${name}.py`, text)}\n"$PYTHON" ${name}.py`,
};

/** Returns whether the test runs a block. */
const isRun = ({ language, fileName, notRunReason }: CodeBlock): boolean =>
  language in commands && fileName === undefined && notRunReason === undefined;

/**
 * Returns a bash script that runs the blocks of a page in their order, against the service at `url`. Before each block,
 * the script prints the page and the line of the block.
 */
export function toScript(page: string, blocks: readonly CodeBlock[], url: string): string {
  const steps = blocks
    .filter(({ notRunReason }) => notRunReason === undefined)
    .flatMap(({ language, text, line, fileName }) => {
      if (changesPackages.test(text)) throw new Error(`${page}:${line} would change the packages of the repository`);
      const code = text.replaceAll(documentedUrl, url);
      const command =
        fileName === undefined ? commands[language]?.(code, `block-${line}`) : toSaveCommand(fileName, code);
      return command === undefined ? [] : [`echo '── ${page}:${line}'\n${command}`];
    });
  return ['set -euo pipefail', ...steps].join('\n');
}

/**
 * Returns the command of a Python that has python-socketio, or undefined. On Debian, the package python3-socketio
 * belongs to /usr/bin/python3.
 */
export function findPython(): string | undefined {
  return ['python3', '/usr/bin/python3'].find((python) => {
    try {
      execFileSync(python, ['-c', 'import socketio, websocket, requests'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * Makes a folder that looks like the repository, so that commands run as documented and new files do not get into the
 * repository.
 */
async function makeWorkFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'usher-docs-'));
  const entries = (await readdir(repository)).filter((name) => !['.git', '.usher'].includes(name));
  await Promise.all(entries.map((name) => symlink(join(repository, name), join(folder, name))));
  return folder;
}

/** Runs a script in bash. Returns its exit code and what it printed. */
async function runScript(script: string, cwd: string, env: NodeJS.ProcessEnv) {
  const file = join(cwd, 'documented-code.sh');
  await writeFile(file, script);
  const child = spawn('bash', [file], { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  // The group includes the programs that a block leaves running in the background.
  const killGroup = () => {
    try {
      process.kill(-child.pid!, 'SIGKILL');
    } catch {
      // The group has already ended.
    }
  };
  const timer = setTimeout(killGroup, pageMsMax);
  await once(child, 'exit');
  clearTimeout(timer);
  killGroup();
  return { code: child.exitCode, output };
}

/**
 * Runs the code of a page in bash, from a folder that looks like the repository.
 * @returns the exit code, and if it is not 0, the end of the output. The last marker in that output names the line of
 *   the failed block.
 */
export async function runPage(page: string, blocks: readonly CodeBlock[], url: string, env: NodeJS.ProcessEnv) {
  const folder = await makeWorkFolder();
  try {
    const { code, output } = await runScript(toScript(page, blocks, url), folder, { ...process.env, ...env });
    return { code, output: code === 0 ? '' : output.slice(-shownOutputMax) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Reports that the Python code of a page cannot run here. With `CI=true`, the test then fails. */
function reportMissingPython(page: string): void {
  const message = 'no Python with python-socketio (Debian: python3-socketio python3-websocket python3-requests)';
  if (process.env.CI === 'true') throw new Error(message);
  process.stderr.write(`${message}: the code of ${page} did not run\n`);
}

/**
 * Declares one test per page of the documents. The test runs the page's `sh`, `js` and `py` blocks in their order, in
 * one bash session, against its own service with the demo catalog. It also parses the `json` blocks.
 * @param pages paths of Markdown files in the repository
 */
export function describeDocumentedCode(pages: readonly string[]): void {
  describe.each(pages)('the code of %s', (page) => {
    let database: TestDatabase | undefined;
    let service: Service | undefined;

    afterAll(async () => {
      await service?.close();
      await database?.drop();
    });

    it(
      'runs without an error',
      async () => {
        const blocks = readCodeBlocks(await readFile(join(repository, page), 'utf8'));
        for (const { text } of blocks.filter(({ language }) => language === 'json')) {
          expect(() => JSON.parse(text)).not.toThrow();
        }
        if (!blocks.some(isRun)) return;
        const needsPython = blocks.some(({ language }) => language === 'py');
        const python = needsPython ? findPython() : undefined;
        if (needsPython && python === undefined) return reportMissingPython(page);
        database = await createTestDatabase({ demo: true }); // Most pages run no code and need no database.
        const settings = {
          DATABASE_URL: database.url,
          SESSION_SECRET: testSessionSecret,
          ENCRYPTION_KEY: testEncryptionKey,
          ADMIN_API_KEY: 'an admin key for tests only',
        };
        // Pay pages are below PUBLIC_URL, so it must be the address of the service.
        const port = await getPort({ host: '127.0.0.1' });
        const url = `http://127.0.0.1:${port}`;
        service = await startTestService({
          ...testEnvironment(database.url, settings),
          PORT: `${port}`,
          PUBLIC_URL: url,
        });
        expect(await runPage(page, blocks, url, { ...settings, PYTHON: python })).toEqual({ code: 0, output: '' });
      },
      pageMsMax + 60_000,
    );
  });
}
