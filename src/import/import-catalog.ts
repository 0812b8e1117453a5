import type { PoolClient } from 'pg';
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

/** How to import. */
export interface ImportOptions {
  /** Look at everything and store nothing. */
  readonly dryRun: boolean;
  /** Store nothing if a line is bad. */
  readonly strict: boolean;
  /** Steps in which the payment provider takes amounts. */
  readonly amountStep: AmountStep;
  /** Aborted: stop, and store nothing. */
  readonly signal: AbortSignal;
}

/** Is told how an import goes on. */
export interface ImportWatch {
  /** Something begins that has a length. */
  begins(what: string, length: number): void;
  /** So much more of it is done. */
  advances(by: number): void;
  isBad(line: BadLine): void;
}

/** What became of the good lines of each kind. */
export type ImportTallies = Readonly<Record<Kind, Tally>>;

/** How an import ended. */
export interface ImportResult {
  readonly tallies: ImportTallies;
  /** Lines that were not imported, of whatever kind. */
  readonly badLines: number;
  /** Whether anything was stored. */
  readonly isStored: boolean;
  /** Changes of shows that their lanes still have to make; null: nothing was stored. */
  readonly pending: PendingChanges | null;
}

/** Any number that nothing else in the database locks: ASCII "impo". */
const importLock = 0x696d706f;

/** More problems of one line than this say nothing new. */
const problemsMax = 10;

/** One import into a database, on one connection and, but for changes of what shows are sold by, in one transaction. */
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
   * Imports what is good, or looks whether all is; whatever fails, nothing is stored. What shows that are there are sold by
   * is changed afterwards, by {@link ImportResult.pending}.
   *
   * @throws StartError when a file cannot be read as a whole, or another import runs
   */
  async run(): Promise<ImportResult> {
    await this.client.query(
      'begin; set local idle_in_transaction_session_timeout = 0; set local statement_timeout = 0',
    );
    try {
      await this.beAlone();
      const pending = await PendingChanges.begin(this.client);
      const staged = await StagedLines.begin(
        this.client,
        this.files.map(({ name }) => name),
      );
      await this.stage(staged);
      await this.apply(staged, pending);
      this.options.signal.throwIfAborted();
      const isStored = !this.options.dryRun && !(this.options.strict && this.badLines > 0);
      await this.client.query(isStored ? 'commit' : 'rollback');
      return { tallies: this.tallies, badLines: this.badLines, isStored, pending: isStored ? pending : null };
    } catch (error) {
      await this.client.query('rollback').catch(() => undefined); // with a broken connection goes the transaction
      throw error;
    }
  }

  private async beAlone(): Promise<void> {
    const { rows } = await this.client.query<{ mine: boolean }>('select pg_try_advisory_xact_lock($1) as mine', [
      importLock,
    ]);
    if (!rows[0]?.mine) throw new StartError('Another import runs on this database: wait for its end.');
  }

  private async stage(staged: StagedLines): Promise<void> {
    this.watch.begins(
      'read',
      this.files.reduce((sum, { bytes }) => sum + bytes, 0),
    );
    for (const [index, file] of this.files.entries()) {
      for await (const line of linesOf(file, (bytes) => this.watch.advances(bytes))) {
        this.options.signal.throwIfAborted();
        this.areBad(await stageLine(staged, file, index, line));
      }
    }
    this.areBad(await staged.flush());
  }

  private async apply(staged: StagedLines, pending: PendingChanges): Promise<void> {
    this.watch.begins('import', staged.count);
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
      this.areBad(bad);
      this.watch.advances(lines.length);
    }
  }

  private areBad(lines: readonly BadLine[]): void {
    for (const line of lines) this.watch.isBad(line);
    // A line may have several things wrong.
    this.badLines += new Set(lines.map(({ file, line }) => `${file}:${line}`)).size;
  }
}

/** @returns what is wrong, with this line or with those of one kind that were stored with it */
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

/** A line with parts of a show's rules need not repeat the one that the contract asks for: it stays, or is off at first. */
function withDefaultGap(fields: Readonly<Record<string, unknown>>, parts: readonly string[]) {
  const { rules } = fields;
  const isPartial = parts.some((part) => part.startsWith('rules.'));
  if (!isPartial || typeof rules !== 'object') return fields;
  return { ...fields, rules: { singleSeatGap: 'off', ...rules } };
}

function emptyTally(): Tally {
  return { made: 0, changed: 0, same: 0 };
}
