import { execFileSync } from 'node:child_process';
import { describe } from '@jest/globals';

/** A program that some tests run besides Node. */
interface Tool {
  readonly command: string;
  /** The argument that makes it say its version and end. */
  readonly version: string;
  /** Where Debian has it. */
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

/** True where it is on `PATH`, or could be installed: as root on Debian. */
function has(tool: Tool): boolean {
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

/** `describe` for what needs programs. Without one a line says so and skips; with `CI=true` that is a failure. */
export function describeWith(...tools: readonly Tool[]): typeof describe | typeof describe.skip {
  const missing = tools.filter((tool) => !has(tool));
  if (missing.length === 0) return describe;
  const [commands, packages] = [missing.map(({ command }) => command), missing.map((tool) => tool.debianPackage)];
  const howToGetIt = `no ${commands.join(', ')} on PATH (Debian: apt-get install ${packages.join(' ')}): not all tests ran`;
  if (process.env.CI === 'true') throw new Error(howToGetIt);
  process.stderr.write(`${howToGetIt}\n`);
  return describe.skip;
}
