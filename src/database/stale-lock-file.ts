import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readlink, realpath, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** PostgreSQL's lock file: line 1 is the process, line 4 the port. */
export const getLockFile = (directory: string): string => join(directory, 'postmaster.pid');

/**
 * Marks the lock file of a server that is gone as stale, if its process id now belongs to another program. Process ids
 * repeat, in a container nearly always, and PostgreSQL takes any living process of its user for the server.
 *
 * The file stays and names a process that has ended, so that PostgreSQL itself still checks whether orphans of the old
 * server use its shared memory.
 */
export async function releaseStaleLock(directory: string): Promise<void> {
  const file = getLockFile(directory);
  const text = await readFile(file, 'utf8').catch(() => '');
  const [line = '', ...others] = text.split('\n');
  const pid = Number(line);
  if (!Number.isSafeInteger(pid) || pid <= 0 || !isAlive(pid)) return;
  const command = await commandOf(pid);
  // A zombie has no command line: PostgreSQL is started again until it is reaped.
  if (command.length === 0 || (await isServerOf(directory, pid, command))) return;
  await writeFile(file, [String(await endedProcess()), ...others].join('\n'));
}

/** The command line of the process that a lock file names, for an error; null when there is none. */
export async function readLockHolder(directory: string): Promise<{ pid: number; command: string } | null> {
  const text = await readFile(getLockFile(directory), 'utf8').catch(() => '');
  const pid = Number(text.split('\n')[0]);
  if (!Number.isSafeInteger(pid) || pid <= 0 || !isAlive(pid)) return null;
  return { pid, command: (await commandOf(pid)).join(' ') };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** A process's command line; empty when it cannot be read. */
async function commandOf(pid: number): Promise<string[]> {
  try {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').filter((word) => word !== '');
  } catch {
    // No /proc, as on macOS.
    const { stdout } = await run('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
    return stdout.trim().split(' ').filter(Boolean);
  }
}

/** Whether a process is a PostgreSQL on a folder. In doubt it is. */
async function isServerOf(directory: string, pid: number, command: readonly string[]): Promise<boolean> {
  if (!/^postgres(\.exe)?:?$/.test(basename(command[0] ?? ''))) return false;
  const folder = await realpath(directory);
  if (command.some((word) => word === directory || word === folder)) return true;
  // A server works in its folder.
  const works = await readlink(`/proc/${pid}/cwd`).catch(() => folder);
  return works === folder;
}

async function endedProcess(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(child, 'exit');
  if (child.pid === undefined) throw new Error('no process could be started');
  return child.pid;
}
