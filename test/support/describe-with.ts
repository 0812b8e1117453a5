import { execFileSync } from 'node:child_process';
import { describe } from '@jest/globals';

/** A program besides Node that some tests need. */
interface Tool {
  readonly command: string;
  /** The argument that makes the program print its version and exit. */
  readonly version: string;
  /** The Debian package that contains the program. */
  readonly debianPackage: string;
}

function isInstalled({ command, version }: Tool): boolean {
  try {
    execFileSync(command, [version], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/**
 * Returns whether the program is on `PATH`. If it is missing and the user is root, tries to install it with apt-get
 * first.
 */
function isAvailable(tool: Tool): boolean {
  if (isInstalled(tool)) return true;
  if (process.getuid?.() !== 0) return false;
  try {
    const options = { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } } as const;
    const wait = ['-o', 'DPkg::Lock::Timeout=120'];
    execFileSync('apt-get', [...wait, 'install', '-qq', '-y', '--no-install-recommends', tool.debianPackage], options);
  } catch {
    return false;
  }
  return isInstalled(tool);
}

export const redisServer: Tool = { command: 'redis-server', version: '--version', debianPackage: 'redis-server' };
export const pgBouncer: Tool = { command: 'pgbouncer', version: '--version', debianPackage: 'pgbouncer' };
export const nginx: Tool = { command: 'nginx', version: '-v', debianPackage: 'nginx' };

/**
 * Returns `describe` for tests that need programs. If a program is missing, the tests are skipped with a message. With
 * `CI=true`, they fail instead.
 */
export function describeWith(...tools: readonly Tool[]): typeof describe | typeof describe.skip {
  const missing = tools.filter((tool) => !isAvailable(tool));
  if (missing.length === 0) return describe;
  const [commands, packages] = [missing.map(({ command }) => command), missing.map((tool) => tool.debianPackage)];
  const howToGetIt = `no ${commands.join(', ')} on PATH (Debian: apt-get install ${packages.join(' ')}): not all tests ran`;
  if (process.env.CI === 'true') throw new Error(howToGetIt);
  process.stderr.write(`${howToGetIt}\n`);
  return describe.skip;
}
