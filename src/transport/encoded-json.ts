import { hash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, constants, gunzip, gzip } from 'node:zlib';
import type { Request, Response } from 'express';

const [toGzip, fromGzip, toBrotli] = [promisify(gzip), promisify(gunzip), promisify(brotliCompress)];

/** The default, 11, takes twenty times as long and saves only a few per cent. */
const brotliOptions = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };

/** A JSON answer that is encoded and compressed only once. The compression runs on Node's thread pool. */
export class EncodedJson {
  private constructor(
    private readonly etag: string,
    private readonly compressed: Readonly<Record<'gzip' | 'br', Buffer>>,
  ) {}

  static async of(value: unknown): Promise<EncodedJson> {
    const text = Buffer.from(JSON.stringify(value));
    const [zipped, br] = await Promise.all([toGzip(text), toBrotli(text, brotliOptions)]);
    // The tag is weak, because all encodings share it.
    return new EncodedJson(`W/"${hash('sha1', text, 'base64url')}"`, { gzip: zipped, br });
  }

  /** The memory that this answer takes, in bytes. */
  get byteLength(): number {
    return this.compressed.gzip.length + this.compressed.br.length;
  }

  /** Sends the answer, or 304 if the caller has it already. */
  async send(request: Request, response: Response): Promise<void> {
    response.setHeader('ETag', this.etag);
    response.vary('Accept-Encoding').type('json');
    const encoding = request.fresh ? 'identity' : request.acceptsEncodings(['br', 'gzip', 'identity']);
    if (encoding === 'br' || encoding === 'gzip') {
      response.setHeader('Content-Encoding', encoding);
      response.send(this.compressed[encoding]);
      return;
    }
    // Almost all callers accept an encoding, so the plain text is not kept in memory.
    response.send(request.fresh ? Buffer.alloc(0) : await fromGzip(this.compressed.gzip));
  }
}
