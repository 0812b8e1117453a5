import { execFileSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';

const find = (): string | undefined => globSync('/usr/lib/*/faketime/libfaketime.so.1')[0];

/**
 * Returns environment variables that shift a program's wall clock by an hour: forwards if the seed is even, otherwise
 * backwards. The monotonic clock stays right. They need the library libfaketime. On Debian, this function installs the
 * library if it is missing and the test runs as root. Returns null if the library is not available.
 */
export function shiftClock(seed: number): Record<string, string> | null {
  const library = find() ?? install();
  if (library === undefined) return null;
  return { LD_PRELOAD: library, FAKETIME: seed % 2 === 0 ? '+1h' : '-1h', FAKETIME_DONT_FAKE_MONOTONIC: '1' };
}

function install(): string | undefined {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return undefined;
  try {
    const options = { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } } as const;
    const wait = ['-o', 'DPkg::Lock::Timeout=120'];
    execFileSync('apt-get', [...wait, 'install', '-qq', '-y', '--no-install-recommends', 'libfaketime'], options);
  } catch {
    return undefined; // the caller handles the missing library
  }
  return find();
}
