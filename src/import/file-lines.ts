import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { StartError } from '../common/start-error.js';
import { csvLines } from './csv-lines.js';
import { type Kind, kindOfName } from './line-kinds.js';
import { ndjsonLines } from './ndjson-lines.js';
import type { FormatSource, RawLine } from './raw-line.js';
import { utf8Text } from './utf8-text.js';

const formats: Readonly<Record<string, (source: FormatSource) => AsyncIterable<RawLine>>> = {
  '.csv': csvLines,
  '.tsv': csvLines,
  '.ndjson': ndjsonLines,
  '.jsonl': ndjsonLines,
};

/** A file to import. */
export interface ImportFile {
  readonly name: string;
  readonly kind: Kind | null;
  readonly bytes: number;
}

/** Finds a file and its format. @throws StartError if the file does not exist or has an unknown format */
export async function findFile(name: string): Promise<ImportFile> {
  if (!formats[extname(name).toLowerCase()]) {
    throw new StartError(`${name}: must end in .csv, .tsv, .ndjson or .jsonl.`);
  }
  const found = await stat(name).catch((cause: unknown) => {
    throw new StartError(`${name}: ${cause instanceof Error ? cause.message : 'cannot be read'}.`, { cause });
  });
  if (!found.isFile()) throw new StartError(`${name}: is not a file.`);
  return { name, kind: kindOfName(basename(name)), bytes: found.size };
}

/**
 * Reads the lines of a file one after the other. This needs only as much memory as the longest line.
 *
 * @param read called after each chunk with the number of bytes in that chunk
 * @throws StartError if the file is not UTF-8 or does not have the format that its name states
 */
export async function* linesOf({ name, kind }: ImportFile, read: (bytes: number) => void): AsyncGenerator<RawLine> {
  const format = formats[extname(name).toLowerCase()];
  if (!format) return;
  yield* format({ file: name, kind, text: utf8Text(name, counted(createReadStream(name), read)) });
}

async function* counted(chunks: AsyncIterable<Buffer>, read: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    read(chunk.length);
    yield chunk;
  }
}
