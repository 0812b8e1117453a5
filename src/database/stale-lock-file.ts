import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readlink, realpath, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Returns the path of PostgreSQL's lock file. Its line 1 is the process id, and its line 4 is the port. */
export const getLockFile = (directory: string): string => join(directory, 'postmaster.pid');

/**
 * Makes the lock file of a dead server harmless if its process id now belongs to another program. Process ids are
 * reused, in a container nearly always. If a living process of the same user has the id in the lock file, PostgreSQL
 * takes that process for the server and refuses to start.
 *
 * The function does not delete the file. It writes the id of a process that has ended into the file. PostgreSQL then
 * still checks whether orphaned processes of the old server use its shared memory.
 */
export async function releaseStaleLock(directory: string): Promise<void> {
  const file = getLockFile(directory);
  const text = await readFile(file, 'utf8').catch(() => '');
  const [line = '', ...others] = text.split('\n');
  const pid = Number(line);
  if (!Number.isSafeInteger(pid) || pid <= 0 || !isAlive(pid)) return;
  const command = await readCommandLine(pid);
  // A zombie has no command line. The caller retries the start of PostgreSQL until the zombie is gone.
  if (command.length === 0 || (await isServerOf(directory, pid, command))) return;
  await writeFile(file, [String(await runShortProcess()), ...others].join('\n'));
}

/** Returns the process that the lock file names, for an error message. Returns null if no such process is running. */
export async function readLockHolder(directory: string): Promise<{ pid: number; command: string } | null> {
  const text = await readFile(getLockFile(directory), 'utf8').catch(() => '');
  const pid = Number(text.split('\n')[0]);
  if (!Number.isSafeInteger(pid) || pid <= 0 || !isAlive(pid)) return null;
  return { pid, command: (await readCommandLine(pid)).join(' ') };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Reads the words of a process's command line. The result is empty if the command line cannot be read. */
async function readCommandLine(pid: number): Promise<string[]> {
  try {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').filter((word) => word !== '');
  } catch {
    // Some systems, such as macOS, have no /proc.
    const { stdout } = await run('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
    return stdout.trim().split(' ').filter(Boolean);
  }
}

/** Returns true if a process is the PostgreSQL server of a folder, or if that cannot be ruled out. */
async function isServerOf(directory: string, pid: number, command: readonly string[]): Promise<boolean> {
  if (!/^postgres(\.exe)?:?$/.test(basename(command[0] ?? ''))) return false;
  const folder = await realpath(directory);
  if (command.some((word) => word === directory || word === folder)) return true;
  // The working directory of a PostgreSQL server is its folder.
  const workingDirectory = await readlink(`/proc/${pid}/cwd`).catch(() => folder);
  return workingDirectory === folder;
}

/** Runs a process that ends immediately. @returns the id of that process, which no living process has any more */
async function runShortProcess(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(child, 'exit');
  if (child.pid === undefined) throw new Error('no process could be started');
  return child.pid;
}
