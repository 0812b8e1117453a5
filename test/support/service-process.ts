import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testEncryptionKey } from './test-encryption-key.js';
import { unprotected } from './protection-settings.js';

/** Maximum time until a service process has started on a busy machine. */
const startMsMax = 60_000;

/** Settings that a service with `DATABASE_URL` requires. These tests pay nothing, so any public address works. */
export const requiredSettings = {
  PAYMENT_PROVIDER: 'sandbox',
  PUBLIC_URL: 'http://127.0.0.1',
  ENCRYPTION_KEY: testEncryptionKey,
} as const;

/** The service in its own process, started as a user starts it. A test may kill the process. */
export class ServiceProcess {
  private stdout = '';
  private stderr = '';
  private isClosed = false;

  private constructor(readonly child: ChildProcess) {
    child.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    child.once('close', () => (this.isClosed = true));
  }

  /** Starts the service. @param entry the program that starts it, for example one with a planted bug */
  static start(env: Record<string, string>, entry = 'dist/main.js'): ServiceProcess {
    const chosen = env['DATABASE_URL'] === undefined ? {} : requiredSettings;
    const inherited = {
      PATH: process.env.PATH ?? '',
      LOG_LEVEL: 'error',
      PORT: '0',
      ...unprotected,
      ...chosen,
    };
    return new ServiceProcess(spawn(process.execPath, [entry], { env: { ...inherited, ...env } }));
  }

  /** Waits until the service listens. Returns its URL. @throws Error with the error output if the service ends first */
  async waitUntilReady(withinMs = startMsMax): Promise<string> {
    const deadline = AbortSignal.timeout(withinMs);
    for (;;) {
      const [, url] = /Seat maps\s+(\S+)\/\n/.exec(this.stdout) ?? [];
      if (url !== undefined) return url;
      if (this.child.exitCode !== null) throw new Error(`the service ended while starting: ${this.stderr}`);
      await Promise.race([
        once(this.child.stdout!, 'data', { signal: deadline }),
        once(this.child, 'exit', { signal: deadline }),
      ]);
    }
  }

  /** The standard output so far, which includes the log. */
  get output(): string {
    return this.stdout;
  }

  /** The standard error so far. */
  get errors(): string {
    return this.stderr;
  }

  /** Waits until a start fails. Returns the exit code and the standard error. */
  async waitForFailure(): Promise<{ code: number | null; error: string }> {
    if (!this.isClosed) await once(this.child, 'close', { signal: AbortSignal.timeout(startMsMax) });
    return { code: this.child.exitCode, error: this.stderr };
  }

  /** Ends the process by a signal and waits until it has exited. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    const exited = once(this.child, 'exit');
    this.child.kill(signal);
    await exited;
    return this.child.exitCode;
  }
}

/** Creates a temporary data folder that the system user of PostgreSQL can read. */
export async function makeDataFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'usher-data-'));
  await chmod(path, 0o755);
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
