import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Maximum duration of an import of a few lines on a busy machine. */
const importTimeoutMs = 60_000;

/** The result of an import. */
export interface ImportResult {
  /** The exit code, or null if a signal ended the import. */
  readonly code: number | null;
  /** The text on standard output, which is the summary. */
  readonly output: string;
  /** The lines on standard error, such as those about invalid lines. File names have no folder. */
  readonly errorLines: string[];
}

/** Writes files to a temporary folder and imports them with the command that users run. */
export class Importer {
  private constructor(
    private readonly folder: string,
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  static async make(env: Readonly<Record<string, string>>): Promise<Importer> {
    return new Importer(await mkdtemp(join(tmpdir(), 'usher-import-')), env);
  }

  /** Imports files. @param files contents by name; @param options options of the command line */
  async run(files: Readonly<Record<string, string | Buffer>>, ...options: string[]): Promise<ImportResult> {
    return (await this.start(files, ...options)).ended;
  }

  /** Starts an import without waiting for its end. */
  async start(
    files: Readonly<Record<string, string | Buffer>>,
    ...options: string[]
  ): Promise<{ child: ChildProcess; ended: Promise<ImportResult> }> {
    const names = Object.keys(files).map((name) => join(this.folder, name));
    await Promise.all(Object.values(files).map((content, index) => writeFile(names[index] ?? '', content)));
    const env = { PATH: process.env.PATH ?? '', ...this.env };
    const child = spawn(process.execPath, ['dist/cli/import.js', ...options, ...names], { env });
    return { child, ended: this.waitForEnd(child) };
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  private async waitForEnd(child: ChildProcess): Promise<ImportResult> {
    let [output, errors] = ['', ''];
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    await once(child, 'close', { signal: AbortSignal.timeout(importTimeoutMs) });
    const errorLines = errors.replaceAll(`${this.folder}/`, '').split('\n').slice(0, -1);
    return { code: child.exitCode, output, errorLines };
  }
}
