import { execFileSync } from 'node:child_process';
import { chownSync } from 'node:fs';

/**
 * Returns the system user for servers that refuse to run as root: `postgres` if the tests run as root, otherwise the
 * current user.
 */
export function serverUser(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** Makes a user the owner of a folder or file. */
export function setOwner({ uid, gid }: { uid?: number; gid?: number }, folder: string): void {
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
}
