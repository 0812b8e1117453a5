import { runImportCommand } from './import/import-command.js';

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    stopping.abort();
    process.stderr.write('Stopping …\n'); // The running statement finishes first.
  });
}
process.exit(await runImportCommand(process.argv.slice(2), process.env, process, stopping.signal));
