import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How long an import of a few lines may take on a busy machine. */
const importMsMax = 60_000;

/** How an import ended. */
export interface Imported {
  /** Null: a signal ended it. */
  readonly code: number | null;
  /** What it printed to standard output: its summary. */
  readonly said: string;
  /** What it printed to standard error, a line an item, files without their folder: the bad lines among it. */
  readonly complaints: string[];
}

/** Files to import, and the command as a user runs it. */
export class Importer {
  private constructor(
    private readonly folder: string,
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  static async make(env: Readonly<Record<string, string>>): Promise<Importer> {
    return new Importer(await mkdtemp(join(tmpdir(), 'usher-import-')), env);
  }

  /** Imports files by their names and contents. @param options as on the command line */
  async run(files: Readonly<Record<string, string | Buffer>>, ...options: string[]): Promise<Imported> {
    return (await this.start(files, ...options)).ended;
  }

  /** Begins to import. */
  async start(
    files: Readonly<Record<string, string | Buffer>>,
    ...options: string[]
  ): Promise<{ child: ChildProcess; ended: Promise<Imported> }> {
    const names = Object.keys(files).map((name) => join(this.folder, name));
    await Promise.all(Object.values(files).map((content, index) => writeFile(names[index] ?? '', content)));
    const env = { PATH: process.env.PATH ?? '', ...this.env };
    const child = spawn(process.execPath, ['dist/cli/import.js', ...options, ...names], { env });
    return { child, ended: this.ending(child) };
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  private async ending(child: ChildProcess): Promise<Imported> {
    let [said, complained] = ['', ''];
    child.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (complained += chunk.toString()));
    await once(child, 'close', { signal: AbortSignal.timeout(importMsMax) });
    const complaints = complained.replaceAll(`${this.folder}/`, '').split('\n').slice(0, -1);
    return { code: child.exitCode, said, complaints };
  }
}
