import { execFileSync } from 'node:child_process';
import { chownSync } from 'node:fs';

/** Whom to run a server as that refuses root: as root the user `postgres`, else whoever runs the tests. */
export function serverUser(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** Gives that user a folder. */
export function setOwner({ uid, gid }: { uid?: number; gid?: number }, folder: string): void {
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
}
