import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { LRUCache } from 'lru-cache';
import { EncodedAnswer } from '../../transport/encoded-answer.js';
import { CallTurns } from './call-turns.service.js';

/** Maximum memory of encoded answers. */
const encodedBytesMax = 32 * 1024 * 1024;

/** The parts of a query: its name and its parameters. */
export type SharedKey = readonly (string | number | undefined)[];

/** How an answer is read and sent. */
interface SharedAnswer {
  readonly key: SharedKey;
  /** The header `Cache-Control` of the answer. */
  readonly cacheControl: string;
  readonly read: () => Promise<unknown>;
}

/**
 * Sends answers that are expensive to read and equal for all callers, such as listings and the proofs of lines. Callers who
 * ask for the same answer at the same time share one reading of the tables, one encoding and one compression. If the next reading gives the same bytes, it also shares the compressed bytes.
 *
 * A caller shares only a reading that began after its request arrived. So no answer is older than its request, and it
 * shows every change that was committed before.
 */
@Injectable()
export class SharedAnswers {
  /** Readings that wait for their turn. They have not begun, so further callers may share them. */
  private readonly waiting = new Map<string, Promise<EncodedAnswer>>();
  private readonly encoded = new LRUCache<string, EncodedAnswer>({
    maxSize: encodedBytesMax,
    sizeCalculation: ({ byteLength }, key) => byteLength + key.length,
  });

  constructor(private readonly turns: CallTurns) {}

  /** @throws DomainError of the reading; `RATE_LIMITED` or `BUSY` if too many calls are waiting */
  async send(request: Request, response: Response, { key, cacheControl, read }: SharedAnswer): Promise<void> {
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

  private encode(key: string, answered: unknown): EncodedAnswer {
    const answer = EncodedAnswer.ofJson(answered);
    const known = this.encoded.get(key);
    if (known?.equals(answer)) return known;
    this.encoded.set(key, answer);
    return answer;
  }
}
