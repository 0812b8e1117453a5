import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anyCharacter } from '../../test/support/plain/any-character.js';
import { utf8Text } from './utf8-text.js';

async function* chunked(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(bytes: Buffer, size: number): Promise<string> {
  let text = '';
  for await (const part of utf8Text('a.csv', chunked(bytes, size))) text += part;
  return text;
}

describe('the text of a file', () => {
  it('is the same for all chunk sizes and has no byte order mark', async () => {
    const text = fc.string({ unit: anyCharacter, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(text, fc.boolean(), fc.integer({ min: 1, max: 7 }), async (value, marked, size) => {
        fc.pre(!value.startsWith('\uFEFF'));
        const mark = marked ? '\uFEFF' : '';
        expect(await read(Buffer.from(mark + value), Math.max(size, mark ? 3 : 1))).toBe(value);
      }),
    );
  });

  it.each([1, 2, 3, 5, 1000])('is refused with the line and the first invalid byte, in chunks of %d', async (size) => {
    const latin1 = Buffer.concat([Buffer.from('ref,title\n1,千と\n2,Am'), Buffer.from([0xe9]), Buffer.from('lie\n')]);
    await expect(read(latin1, size)).rejects.toThrow('a.csv:3: byte 24 of the file (0xE9) is not UTF-8');
  });

  it('is refused if it ends inside a character', async () => {
    const cut = Buffer.from('ref\n1\nü').subarray(0, -1);
    await expect(read(cut, 4)).rejects.toThrow('a.csv:3: byte 7 of the file (0xC3) is not UTF-8');
  });

  it.each(['utf16le', 'utf16be'])('is refused if its encoding is %s', async (encoding) => {
    const bytes = Buffer.from('\uFEFFref\n', 'utf16le');
    if (encoding === 'utf16be') bytes.swap16();
    await expect(read(bytes, 100)).rejects.toThrow('a.csv: is UTF-16. Save it as UTF-8');
  });
});
