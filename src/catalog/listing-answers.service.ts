import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { LRUCache } from 'lru-cache';
import { CallTurns } from '../access/index.js';
import { EncodedAnswer } from '../transport/encoded-answer.js';

/** Maximum memory of encoded listings. */
const encodedBytesMax = 32 * 1024 * 1024;

/** The parts of a listing's query: its name and its parameters. */
export type ListingKey = readonly (string | number | undefined)[];

/** How a listing is sent. */
interface Listing {
  readonly key: ListingKey;
  /** The header `Cache-Control` of the answer. */
  readonly cacheControl: string;
  readonly read: () => Promise<unknown>;
}

/**
 * Sends listings. Equal listings that several callers ask for at the same time share one reading of the tables, one
 * encoding and one compression. If the next reading gives the same bytes, it also shares the compressed bytes.
 *
 * A caller shares only a reading that began after its request arrived. So no answer is older than its request, and a
 * listing shows every change that was committed before.
 */
@Injectable()
export class ListingAnswers {
  /** Readings that wait for their turn. They have not begun, so further callers may share them. */
  private readonly waiting = new Map<string, Promise<EncodedAnswer>>();
  private readonly encoded = new LRUCache<string, EncodedAnswer>({
    maxSize: encodedBytesMax,
    sizeCalculation: ({ byteLength }, key) => byteLength + key.length,
  });

  constructor(private readonly turns: CallTurns) {}

  /** @throws DomainError of the reading; `RATE_LIMITED` or `BUSY` if too many listings are waiting */
  async send(request: Request, response: Response, { key, cacheControl, read }: Listing): Promise<void> {
    const answer = await this.answer(request, JSON.stringify(key), read);
    response.setHeader('Cache-Control', cacheControl);
    await answer.send(request, response);
  }

  private answer(request: Request, key: string, read: () => Promise<unknown>): Promise<EncodedAnswer> {
    const waiting = this.waiting.get(key);
    if (waiting) return waiting;
    const endWaiting = () => {
      if (this.waiting.get(key) === answer) this.waiting.delete(key);
    };
    const answer = this.turns.runFor(request, async () => {
      endWaiting();
      return this.encode(key, await read());
    });
    this.waiting.set(key, answer);
    // The turn may be refused before the reading begins. The callers get the error.
    answer.catch(endWaiting);
    return answer;
  }

  private encode(key: string, listing: unknown): EncodedAnswer {
    const answer = EncodedAnswer.ofJson(listing);
    const known = this.encoded.get(key);
    if (known?.equals(answer)) return known;
    this.encoded.set(key, answer);
    return answer;
  }
}
