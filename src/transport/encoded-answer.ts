import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gunzip, gzip } from 'node:zlib';
import type { Request, Response } from 'express';

const [toGzip, fromGzip, toBrotli] = [promisify(gzip), promisify(gunzip), promisify(brotliCompress)];

/** The default, 11, takes twenty times as long and saves only a few per cent. */
const brotliOptions = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };

/**
 * An answer that is encoded and compressed only once, however often callers ask for it. The compression runs on Node's
 * thread pool.
 */
export class EncodedAnswer {
  private constructor(
    private readonly mediaType: string,
    private readonly etag: string,
    private readonly compressed: Readonly<Record<'gzip' | 'br', Buffer>>,
  ) {}

  /** @param mediaType a media type, or the name of a file whose ending tells the media type */
  static async of(bytes: Buffer, mediaType: string): Promise<EncodedAnswer> {
    const [zipped, br] = await Promise.all([toGzip(bytes), toBrotli(bytes, brotliOptions)]);
    // The tag is weak, because all encodings share it.
    return new EncodedAnswer(mediaType, `W/"${hash('sha1', bytes, 'base64url')}"`, { gzip: zipped, br });
  }

  /**
   * Returns a function that reads a file and encodes it when it is first called, because nobody may ever ask for the
   * file.
   */
  static ofFile(path: string): () => Promise<EncodedAnswer> {
    let answer: Promise<EncodedAnswer> | null = null;
    return () => (answer ??= readFile(path).then((bytes) => EncodedAnswer.of(bytes, basename(path))));
  }

  static ofJson(value: unknown): Promise<EncodedAnswer> {
    return EncodedAnswer.of(Buffer.from(JSON.stringify(value)), 'json');
  }

  /** The memory that this answer takes, in bytes. */
  get byteLength(): number {
    return this.compressed.gzip.length + this.compressed.br.length;
  }

  /** Sends the answer, or 304 if the caller has it already. */
  async send(request: Request, response: Response): Promise<void> {
    response.setHeader('ETag', this.etag);
    response.vary('Accept-Encoding').type(this.mediaType);
    const encoding = request.fresh ? 'identity' : request.acceptsEncodings(['br', 'gzip', 'identity']);
    if (encoding === 'br' || encoding === 'gzip') {
      response.setHeader('Content-Encoding', encoding);
      response.send(this.compressed[encoding]);
      return;
    }
    // Almost all callers accept an encoding, so the plain bytes are not kept in memory.
    response.send(request.fresh ? Buffer.alloc(0) : await fromGzip(this.compressed.gzip));
  }
}
