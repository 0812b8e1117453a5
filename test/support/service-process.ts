import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How long a service of its own process may take to start on a busy machine. */
const startMsMax = 60_000;

/** What a service with DATABASE_URL must be told explicitly. Tests of such a process pay nothing, so any address will do. */
export const requiredSettings = { PAYMENT_PROVIDER: 'sandbox', PUBLIC_URL: 'http://127.0.0.1' } as const;

/** The service as a user starts it, in a process that a test may kill. */
export class ServiceProcess {
  private said = '';
  private complained = '';

  private constructor(readonly child: ChildProcess) {
    child.stdout?.on('data', (chunk: Buffer) => (this.said += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (this.complained += chunk.toString()));
  }

  /** @param entry another program that starts the service, with something wrong about it */
  static start(env: Record<string, string>, entry = 'dist/main.js'): ServiceProcess {
    const chosen = env['DATABASE_URL'] === undefined ? {} : requiredSettings;
    const inherited = { PATH: process.env.PATH ?? '', LOG_LEVEL: 'error', PORT: '0', ...chosen };
    return new ServiceProcess(spawn(process.execPath, [entry], { env: { ...inherited, ...env } }));
  }

  /** Where it listens. @throws when it ends first, with what it said */
  async waitUntilReady(withinMs = startMsMax): Promise<string> {
    const deadline = AbortSignal.timeout(withinMs);
    for (;;) {
      const [, url] = /Seat maps\s+(\S+)\/\n/.exec(this.said) ?? [];
      if (url !== undefined) return url;
      if (this.child.exitCode !== null) throw new Error(`it ended: ${this.complained}`);
      await Promise.race([
        once(this.child.stdout!, 'data', { signal: deadline }),
        once(this.child, 'exit', { signal: deadline }),
      ]);
    }
  }

  /** What it printed to standard output so far: its log among it. */
  get output(): string {
    return this.said;
  }

  /** What it printed to standard error so far. */
  get errors(): string {
    return this.complained;
  }

  /** Waits for a start that must fail. @returns the exit code and what it printed to standard error */
  async waitForFailure(): Promise<{ code: number | null; error: string }> {
    if (this.child.exitCode === null) await once(this.child, 'close', { signal: AbortSignal.timeout(startMsMax) });
    return { code: this.child.exitCode, error: this.complained };
  }

  /** Ends it by a signal and waits until it is gone. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    const gone = once(this.child, 'exit');
    this.child.kill(signal);
    await gone;
    return this.child.exitCode;
  }
}

/** A data folder of a test's own, which the user that PostgreSQL runs as may enter. */
export async function makeDataFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'usher-data-'));
  await chmod(path, 0o755);
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
