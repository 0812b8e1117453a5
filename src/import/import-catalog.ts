import type { PoolClient } from 'pg';
import { appendAuditEntry, systemCaller } from '../access/index.js';
import type { AmountStep } from '../common/amount-steps.js';
import { StartError } from '../common/start-error.js';
import { type Applied, applyCinemas, applyCities, applyHalls, applyMovies } from './apply-catalog.js';
import type { Tally } from './apply-rows.js';
import { ShowLines } from './apply-shows.js';
import type { BadLine } from './bad-line.js';
import { type ImportFile, linesOf } from './file-lines.js';
import { type Kind, kindOfWord, kinds, lineSchemas } from './line-kinds.js';
import { PendingChanges } from './pending-changes.js';
import type { RawLine } from './raw-line.js';
import { type StagedLine, StagedLines } from './staged-lines.js';

/** The options of an import. */
export interface ImportOptions {
  /** True if the import checks all lines but stores nothing. */
  readonly dryRun: boolean;
  /** True if a single bad line is enough for the import to store nothing. */
  readonly strict: boolean;
  /** The steps of amounts that the payment provider accepts. */
  readonly amountStep: AmountStep;
  /** When aborted, the import stops and stores nothing. */
  readonly signal: AbortSignal;
}

/** Receives the progress of an import. */
export interface ImportWatch {
  /** Called when a step of a known length starts. */
  startStep(step: string, length: number): void;
  /** Called when the running step has advanced. */
  advance(by: number): void;
  /** Called when a line has a problem and so is not imported. */
  reportBadLine(line: BadLine): void;
}

/** The counts of the rows of each kind, from the good lines. */
export type ImportTallies = Readonly<Record<Kind, Tally>>;

/** The result of an import. */
export interface ImportResult {
  readonly tallies: ImportTallies;
  /** Number of bad lines of all kinds. They were not imported. */
  readonly badLines: number;
  /** True if the import has stored its rows. */
  readonly isStored: boolean;
  /** The changes to existing shows, which the shows' lanes must still make. Null if nothing was stored. */
  readonly pending: PendingChanges | null;
}

/** Key of the advisory lock, which nothing else in the database uses. The number is ASCII for "impo". */
const importLock = 0x696d706f;

/** The caller that the audit trail and the logs of shows name for everything that an import does. */
export const importCaller = systemCaller('import');

/** Maximum number of problems that are reported per line. */
const problemsMax = 10;

/** Runs one import on one connection. The import is one transaction, except for changes to existing shows. */
export class CatalogImport {
  private readonly tallies: ImportTallies = {
    city: emptyTally(),
    cinema: emptyTally(),
    hall: emptyTally(),
    movie: emptyTally(),
    show: emptyTally(),
  };
  private badLines = 0;

  constructor(
    private readonly client: PoolClient,
    private readonly files: readonly ImportFile[],
    private readonly options: ImportOptions,
    private readonly watch: ImportWatch,
  ) {}

  /**
   * Imports the good lines. A dry run only checks all lines. If the import fails, nothing is stored. The changes in
   * {@link ImportResult.pending} must be made afterwards.
   *
   * @throws StartError if a file cannot be read or another import is running
   */
  async run(): Promise<ImportResult> {
    await this.client.query(
      'begin; set local idle_in_transaction_session_timeout = 0; set local statement_timeout = 0',
    );
    try {
      await this.acquireExclusive();
      const pending = await PendingChanges.begin(this.client);
      const staged = await StagedLines.begin(
        this.client,
        this.files.map(({ name }) => name),
      );
      await this.stage(staged);
      await this.apply(staged, pending);
      this.options.signal.throwIfAborted();
      const isStored = !this.options.dryRun && !(this.options.strict && this.badLines > 0);
      if (isStored) await this.recordImport();
      await this.client.query(isStored ? 'commit' : 'rollback');
      return { tallies: this.tallies, badLines: this.badLines, isStored, pending: isStored ? pending : null };
    } catch (error) {
      await this.client.query('rollback').catch(() => undefined); // a broken connection has rolled back already
      throw error;
    }
  }

  /** Takes the lock that only one import at a time can hold. The end of the transaction releases the lock. */
  private async acquireExclusive(): Promise<void> {
    const { rows } = await this.client.query<{ mine: boolean }>('select pg_try_advisory_xact_lock($1) as mine', [
      importLock,
    ]);
    if (!rows[0]?.mine) throw new StartError('Another import is running on this database. Wait until it ends.');
  }

  private async stage(staged: StagedLines): Promise<void> {
    this.watch.startStep(
      'read',
      this.files.reduce((sum, { bytes }) => sum + bytes, 0),
    );
    for (const [index, file] of this.files.entries()) {
      for await (const line of linesOf(file, (bytes) => this.watch.advance(bytes))) {
        this.options.signal.throwIfAborted();
        this.reportBadLines(await stageLine(staged, file, index, line));
      }
    }
    this.reportBadLines(await staged.flush());
  }

  private async apply(staged: StagedLines, pending: PendingChanges): Promise<void> {
    this.watch.startStep('import', staged.count);
    const shows = new ShowLines(this.client, (changes) => pending.add(changes), this.options.amountStep);
    await this.applyKind(staged, 'city', (lines) => applyCities(this.client, lines));
    await this.applyKind(staged, 'cinema', (lines) => applyCinemas(this.client, lines));
    await this.applyKind(staged, 'hall', (lines) => applyHalls(this.client, lines));
    await this.applyKind(staged, 'movie', (lines) => applyMovies(this.client, lines));
    await this.applyKind(staged, 'show', (lines) => shows.apply(lines));
  }

  private async applyKind<K extends Kind>(
    staged: StagedLines,
    kind: K,
    apply: (lines: readonly StagedLine<K>[]) => Promise<Applied>,
  ): Promise<void> {
    const tally = this.tallies[kind];
    for await (const lines of staged.read(kind)) {
      this.options.signal.throwIfAborted();
      const { made, changed, same, bad } = await apply(lines);
      tally.made += made;
      tally.changed += changed;
      tally.same += same;
      this.reportBadLines(bad);
      this.watch.advance(lines.length);
    }
  }

  /** Records the import in the audit trail, as one entry with the number of rows of each kind. */
  private async recordImport(): Promise<void> {
    const counts = kinds.map(
      (kind) => [kind, { made: this.tallies[kind].made, changed: this.tallies[kind].changed }] as const,
    );
    if (counts.every(([, { made, changed }]) => made + changed === 0)) return;
    await appendAuditEntry(this.client, {
      caller: importCaller,
      action: 'catalog.import',
      showId: null,
      subject: { kind: 'catalog', id: 'import' },
      before: null,
      after: Object.fromEntries(counts),
    });
  }

  private reportBadLines(lines: readonly BadLine[]): void {
    for (const line of lines) this.watch.reportBadLine(line);
    // A line with several problems counts once.
    this.badLines += new Set(lines.map(({ file, line }) => `${file}:${line}`)).size;
  }
}

/**
 * Checks a line and stores it for later.
 *
 * @returns the problems of this line, and of buffered lines that were stored together with it
 */
async function stageLine(
  staged: StagedLines,
  { name, kind: named }: ImportFile,
  file: number,
  { line, fields, problem, parts = [] }: RawLine,
): Promise<readonly BadLine[]> {
  const bad = (field: string, message: string): BadLine => ({ file: name, line, field, message });
  if (!fields) return [bad('', problem ?? 'cannot be read')];
  const { kind: word, ...rest } = fields;
  const kind = word === undefined ? named : kindOfWord(word);
  if (!kind) return [bad('kind', `must be one of ${kinds.join(', ')}`)];
  const parsed = lineSchemas[kind].safeParse(withDefaultGap(rest, parts));
  if (!parsed.success) {
    return parsed.error.issues
      .slice(0, problemsMax)
      .map(({ path, message }) => bad(path.map(String).join('.'), message));
  }
  return staged.add(kind, { file, line }, parsed.data, [...Object.keys(rest), ...parts]);
}

/**
 * Adds the default gap rule to lines that set only other rules. An existing show keeps its gap rule, and a new show
 * gets `off`.
 */
function withDefaultGap(fields: Readonly<Record<string, unknown>>, parts: readonly string[]) {
  const { rules } = fields;
  const isPartial = parts.some((part) => part.startsWith('rules.'));
  if (!isPartial || typeof rules !== 'object') return fields;
  return { ...fields, rules: { singleSeatGap: 'off', ...rules } };
}

function emptyTally(): Tally {
  return { made: 0, changed: 0, same: 0 };
}
