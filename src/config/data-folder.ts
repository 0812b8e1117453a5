import { randomBytes } from 'node:crypto';
import { access, constants, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError } from '../common/start-error.js';

/** Creates the data folder if it is missing. @throws StartError if this user cannot write to it */
export async function prepareDataFolder(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true });
    await access(dataDir, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new StartError(
      `DATA_DIR: this user cannot write to ${dataDir}. Grant the right, or set DATA_DIR to another folder.`,
      {
        cause,
      },
    );
  }
}

/**
 * Reads a secret of 32 random bytes (hex) from a file in the data folder, and creates the file at the first use. Only
 * the owner of the file can read it.
 *
 * @throws StartError if the file is damaged
 */
export async function readOrCreateSecret(dataDir: string, name: string): Promise<string> {
  const file = join(dataDir, name);
  const draft = `${file}.${process.pid}`;
  try {
    await writeFile(draft, randomBytes(32).toString('hex'), { mode: 0o600 });
    // The hard link makes the file appear complete or not at all, even if this process dies. If two processes start at
    // the same time, only one of them creates the file.
    await link(draft, file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    await rm(draft, { force: true });
  }
  const secret = await readFile(file, 'utf8');
  if (!/^[0-9a-f]{64}$/.test(secret)) throw new StartError(`DATA_DIR: ${file} is damaged. Restore it from a backup.`);
  return secret;
}
