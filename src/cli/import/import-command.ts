import { parseArgs } from 'node:util';
import { describeFailure, StartError } from '../../common/start-error.js';
import type { CommandOutput, ImportCommand } from './import-files.js';

const usage = `npm run import -- [--dry-run] [--strict] FILE…
Imports cities, cinemas, halls, movies and shows from .csv, .tsv and .ndjson files into DATABASE_URL or the embedded database in
DATA_DIR. Invalid lines are reported and skipped. With --strict, one invalid line prevents the whole import. With --dry-run, the
files are only checked. The exit code is 0 if every line was valid.
`;

/**
 * Runs `npm run import`.
 *
 * @param args the arguments of the command line
 * @param env the environment variables, which contain the settings
 * @param signal stops the import when it is aborted
 * @returns the exit code
 */
export async function runImportCommand(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  output: CommandOutput,
  signal: AbortSignal,
): Promise<number> {
  try {
    const command = readCommand(args);
    // The modules of the import take more than a second to load. So they are loaded only for a valid command line.
    const { importFiles } = await import('./import-files.js');
    return await importFiles(command, env, output, signal);
  } catch (error) {
    output.stderr.write(`${describeFailure(error)}\n`);
    return 1;
  }
}

function readCommand(args: readonly string[]): ImportCommand {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        'dry-run': { type: 'boolean', default: false },
        strict: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help || positionals.length === 0) throw new StartError(usage);
    return { files: positionals, isDryRun: values['dry-run'], isStrict: values.strict };
  } catch (cause) {
    if (cause instanceof StartError) throw cause;
    throw new StartError(`${cause instanceof Error ? cause.message : String(cause)}\n${usage}`, { cause });
  }
}
