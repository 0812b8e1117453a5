import type { ClientBase } from 'pg';
import type { BadLine } from './bad-line.js';
import { type Kind, kinds, type LineBody } from './line-kinds.js';
import type { LineLayout } from './line-layouts.js';

/** Maximum number of lines that one statement stores or imports. */
const batchLinesMax = 2000;

/** Maximum size of the lines of one kind, or of the layouts, that are buffered in memory, in characters of JSON. */
const bufferLengthMax = 8 * 1024 * 1024;

/** A checked line that waits to be imported. */
export interface StagedLine<K extends Kind = Kind> {
  readonly file: string;
  readonly line: number;
  readonly ref: string;
  readonly body: StagedBody<K>;
  /** The fields that the line sets. An existing row keeps all other fields. */
  readonly given: ReadonlySet<string>;
}

/**
 * The body of a staged line. A staged hall contains only the hash of its layout, because layouts have their own table.
 */
export type StagedBody<K extends Kind> = K extends 'hall'
  ? Omit<LineBody<'hall'>, 'layout'> & { readonly layout: string }
  : LineBody<K>;

interface NewLine {
  readonly file: number;
  readonly line: number;
  readonly ref: string;
  readonly body: string;
}

/** Buffered lines of one kind. */
interface Waiting {
  lines: NewLine[];
  length: number;
}

/**
 * Stores checked lines in temporary tables until all files are read. Therefore the files may have any order and size.
 * No line is imported before all lines are checked.
 */
export class StagedLines {
  private readonly waiting = new Map<Kind, Waiting>();
  private readonly batches = new Map<Kind, number[]>();
  private readonly layouts = new Map<string, string>();
  private readonly storedLayouts = new Set<string>();
  private layoutsLength = 0;
  private batchCount = 0;
  private lineCount = 0;

  private constructor(
    private readonly client: ClientBase,
    private readonly files: readonly string[],
  ) {}

  /**
   * Creates the tables in the current transaction. The end of the transaction removes them.
   *
   * @param files the names of the files; lines refer to them by index
   */
  static async begin(client: ClientBase, files: readonly string[]): Promise<StagedLines> {
    await client.query(
      `create temporary table import_line (batch int not null, place int not null, kind text not null,
         ref text not null collate "C", file int not null, line int not null, body text not null,
         primary key (batch, place), unique (kind, ref)) on commit drop;
       create temporary table import_layout (hash text primary key, layout jsonb not null, layout_id int)
         on commit drop`,
    );
    return new StagedLines(client, files);
  }

  /** Number of staged lines. */
  get count(): number {
    return this.lineCount;
  }

  /**
   * Stages a line, and stores the buffer if it is full.
   *
   * @returns the buffered lines whose refs an earlier line has used
   */
  async add<K extends Kind>(
    kind: K,
    at: { readonly file: number; readonly line: number },
    body: LineBody<K>,
    given: readonly string[],
  ): Promise<BadLine[]> {
    const stored = { ...body, ...('layout' in body && { layout: this.keepLayout(body.layout) }) };
    const waiting = this.waiting.get(kind) ?? { lines: [], length: 0 };
    this.waiting.set(kind, waiting);
    const json = JSON.stringify({ body: stored, given });
    waiting.lines.push({ ...at, ref: body.ref, body: json });
    waiting.length += json.length;
    if (this.layoutsLength > bufferLengthMax) await this.storeLayouts();
    return waiting.lines.length < batchLinesMax && waiting.length < bufferLengthMax ? [] : this.store(kind);
  }

  /** Writes the buffer to the tables. @returns the buffered lines whose refs an earlier line has used */
  async flush(): Promise<BadLine[]> {
    await this.storeLayouts();
    const doubled: BadLine[] = [];
    for (const kind of kinds) doubled.push(...(await this.store(kind)));
    await this.client.query('analyze import_line; analyze import_layout');
    return doubled;
  }

  /** Reads the staged lines of a kind in their order, in batches. */
  async *read<K extends Kind>(kind: K): AsyncGenerator<StagedLine<K>[]> {
    for (const batch of this.batches.get(kind) ?? []) {
      const { rows } = await this.client.query<NewLine>(
        'select file, line, ref, body from import_line where batch = $1 order by place',
        [batch],
      );
      yield rows.map(({ file, line, ref, body: json }): StagedLine<K> => {
        // `add` wrote this value.
        const { body, given }: { body: StagedBody<K>; given: string[] } = JSON.parse(json);
        return { file: this.nameOf(file), line, ref, body, given: new Set(given) };
      });
    }
  }

  private keepLayout(layout: LineLayout): string {
    if (!this.storedLayouts.has(layout.hash)) {
      this.storedLayouts.add(layout.hash);
      this.layouts.set(layout.hash, layout.json);
      this.layoutsLength += layout.json.length;
    }
    return layout.hash;
  }

  private async storeLayouts(): Promise<void> {
    for (const layout of this.layouts) {
      await this.client.query('insert into import_layout (hash, layout) values ($1, $2)', layout);
    }
    this.layouts.clear();
    this.layoutsLength = 0;
  }

  private async store(kind: Kind): Promise<BadLine[]> {
    const { lines } = this.waiting.get(kind) ?? { lines: [] };
    this.waiting.delete(kind);
    if (lines.length === 0) return [];
    const batch = ++this.batchCount;
    this.batches.set(kind, [...(this.batches.get(kind) ?? []), batch]);
    const { rows } = await this.client.query<{ place: number }>(
      `insert into import_line (batch, place, kind, ref, file, line, body)
       select $1, place, $2, ref, file, line, body
       from unnest($3::text[], $4::int[], $5::int[], $6::text[]) with ordinality as l(ref, file, line, body, place)
       on conflict (kind, ref) do nothing returning place`,
      [
        batch,
        kind,
        lines.map(({ ref }) => ref),
        lines.map(({ file }) => file),
        lines.map(({ line }) => line),
        lines.map(({ body }) => body),
      ],
    );
    this.lineCount += rows.length;
    if (rows.length === lines.length) return [];
    const stored = new Set(rows.map(({ place }) => place));
    return this.doubled(
      kind,
      lines.filter((_, index) => !stored.has(index + 1)),
    );
  }

  private async doubled(kind: Kind, lines: readonly NewLine[]): Promise<BadLine[]> {
    const { rows } = await this.client.query<{ ref: string; file: number; line: number }>(
      'select ref, file, line from import_line where kind = $1 and ref = any ($2)',
      [kind, lines.map(({ ref }) => ref)],
    );
    const first = new Map(rows.map(({ ref, file, line }) => [ref, `${this.nameOf(file)}:${line}`]));
    return lines.map(({ file, line, ref }) => ({
      file: this.nameOf(file),
      line,
      field: 'ref',
      message: `${ref} was used before for the ${kind} of ${first.get(ref)}`,
    }));
  }

  private nameOf(file: number): string {
    return this.files[file] ?? '';
  }
}
