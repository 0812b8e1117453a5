import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askHost } from './service-host/ask-host.js';
import { FinishedImport } from './service-host/messages.js';

/** Maximum duration of an import of a few lines on a busy machine. */
const importTimeoutMs = 60_000;

/** The result of an import. */
export interface ImportResult {
  /** The exit code, or null if a signal ended the import. */
  readonly code: number | null;
  /** The text on standard output, which is the summary. */
  readonly output: string;
  /** The lines on standard error, for example about invalid lines of a file. File names are without their folder. */
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

  /**
   * Imports files in the host of this Jest worker, which has already loaded the modules of the command.
   *
   * @param files contents by name
   * @param options options of the command line
   */
  async run(files: Readonly<Record<string, string | Buffer>>, ...options: string[]): Promise<ImportResult> {
    const args = [...options, ...(await this.write(files))];
    const { code, stdout, stderr } = await askHost({ type: 'import', args, env: this.env }, FinishedImport);
    return { code, output: stdout, errorLines: this.toErrorLines(stderr) };
  }

  /** Imports files in a separate process, as a user does. */
  async runProcess(files: Readonly<Record<string, string | Buffer>>, ...options: string[]): Promise<ImportResult> {
    return (await this.startProcess(files, ...options)).ended;
  }

  /** Starts the process of an import without waiting for its end. */
  async startProcess(
    files: Readonly<Record<string, string | Buffer>>,
    ...options: string[]
  ): Promise<{ child: ChildProcess; ended: Promise<ImportResult> }> {
    const names = await this.write(files);
    const env = { PATH: process.env.PATH ?? '', ...this.env };
    const child = spawn(process.execPath, ['dist/cli/import.js', ...options, ...names], { env });
    return { child, ended: this.waitForEnd(child) };
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Writes files to the folder. Returns their paths. */
  private async write(files: Readonly<Record<string, string | Buffer>>): Promise<string[]> {
    return Promise.all(
      Object.entries(files).map(async ([name, content]) => {
        const path = join(this.folder, name);
        await writeFile(path, content);
        return path;
      }),
    );
  }

  private async waitForEnd(child: ChildProcess): Promise<ImportResult> {
    let [output, errors] = ['', ''];
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    await once(child, 'close', { signal: AbortSignal.timeout(importTimeoutMs) });
    return { code: child.exitCode, output, errorLines: this.toErrorLines(errors) };
  }

  private toErrorLines(errors: string): string[] {
    return errors.replaceAll(`${this.folder}/`, '').split('\n').slice(0, -1);
  }
}
