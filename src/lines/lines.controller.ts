import {
  Body,
  Controller,
  Delete,
  Get,
  Header,
  HttpCode,
  Param,
  Post,
  Query,
  Req,
  Res,
  UseGuards,
} from '@nestjs/common';
import {
  ProofQuery,
  type Queue,
  QueueBody,
  queueOutcomeHeader,
  QueueParams,
  type QueueProof,
  QueueQuery,
  type QueueWithOutcome,
} from '@usher/contract';
import type { Request, Response } from 'express';
import type { z } from 'zod';
import { IdempotencyKey, SessionGuard, SessionId } from '../access/index.js';
import { QueueService } from './lines.service.js';
import { WaitOutcomes } from './wait-outcomes.service.js';

type ShowPath = z.output<typeof QueueParams>;

/** Both lines over REST: the rules of the sockets, with long polling in the place of events. */
@Controller('v1/shows/:showId/queue')
export class QueueController {
  constructor(
    private readonly queue: QueueService,
    private readonly outcomes: WaitOutcomes,
  ) {}

  @Post()
  @UseGuards(SessionGuard)
  joinQueue(
    @SessionId() sessionId: string,
    @Param({ schema: QueueParams }) { showId }: ShowPath,
    @IdempotencyKey() key: string | null,
    @Body({ schema: QueueBody }) body: QueueBody,
  ): Promise<Queue> {
    return this.queue.join(showId, sessionId, body, key);
  }

  @Get()
  @UseGuards(SessionGuard)
  @Header('Cache-Control', 'no-store')
  @Header('Content-Type', 'application/json; charset=utf-8')
  async getQueue(
    @SessionId() sessionId: string,
    @Param({ schema: QueueParams }) { showId }: ShowPath,
    @Query({ schema: QueueQuery }) { wait, ahead, outcome: isOutcomeWanted }: z.output<typeof QueueQuery>,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    const gone = new AbortController();
    request.once('close', () => gone.abort());
    const read = { ms: wait * 1000, ahead: ahead ?? null, gone: gone.signal };
    // As text: Nest answers nothing at all for null.
    const queue = await this.queue.read(showId, sessionId, read);
    const outcome = await this.outcomes.of(showId, sessionId, queue);
    response.setHeader(queueOutcomeHeader, outcome.type);
    const answer: Queue | null | QueueWithOutcome = isOutcomeWanted ? { queue, outcome } : queue;
    return JSON.stringify(answer);
  }

  @Delete()
  @UseGuards(SessionGuard)
  @HttpCode(200)
  async leaveQueue(
    @SessionId() sessionId: string,
    @Param({ schema: QueueParams }) { showId }: ShowPath,
  ): Promise<Record<string, never>> {
    await this.queue.leave(showId, sessionId);
    return {};
  }

  @Get('proof')
  @Header('Cache-Control', 'no-cache')
  getQueueProof(
    @Param({ schema: QueueParams }) { showId }: ShowPath,
    @Query({ schema: ProofQuery }) { line, after }: z.output<typeof ProofQuery>,
  ): Promise<QueueProof> {
    return this.queue.proof(showId, line, after);
  }
}
