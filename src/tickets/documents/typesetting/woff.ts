import { inflateSync } from 'node:zlib';

/** An entry in the table directory of a WOFF file. */
interface WoffTable {
  readonly tag: number;
  readonly data: Uint8Array;
  readonly checksum: number;
}

const woffHeaderLength = 44;
const woffEntryLength = 20;

/**
 * Restores the OpenType font that a WOFF file contains (W3C, WOFF File Format 1.0). HarfBuzz does not read WOFF. The PDF
 * package reads WOFF, but it unpacks a table again for each letter, which takes ten seconds per ticket.
 */
export function unpackWoff(woff: Buffer): Uint8Array {
  const count = woff.readUInt16BE(12);
  const tables = Array.from({ length: count }, (_, n) => readTable(woff, woffHeaderLength + n * woffEntryLength));
  const power = Math.floor(Math.log2(count));
  const header = Buffer.alloc(12 + 16 * count);
  header.writeUInt32BE(woff.readUInt32BE(4), 0);
  [count, 2 ** power * 16, power, (count - 2 ** power) * 16].forEach((value, n) =>
    header.writeUInt16BE(value, 4 + 2 * n),
  );
  const parts: Uint8Array[] = [header];
  let offset = header.length;
  for (const [n, { tag, data, checksum }] of tables.entries()) {
    [tag, checksum, offset, data.length].forEach((value, at) => header.writeUInt32BE(value, 12 + 16 * n + 4 * at));
    const padding = Buffer.alloc(-data.length & 3);
    parts.push(data, padding);
    offset += data.length + padding.length;
  }
  return Buffer.concat(parts);
}

function readTable(woff: Buffer, at: number): WoffTable {
  const [tag, offset, packedLength, length, checksum] = [0, 4, 8, 12, 16].map((field) => woff.readUInt32BE(at + field));
  const packed = woff.subarray(offset, offset! + packedLength!);
  return { tag: tag!, checksum: checksum!, data: packedLength! < length! ? inflateSync(packed) : packed };
}
