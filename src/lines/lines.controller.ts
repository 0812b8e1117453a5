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
  QueueQuery,
  type QueueWithOutcome,
} from '@usher/contract';
import type { Request, Response } from 'express';
import type { z } from 'zod';
import {
  BuyerSources,
  CallCost,
  IdempotencyKey,
  KeyScoped,
  SellerScoped,
  SessionGuard,
  SessionId,
  SharedAnswers,
} from '../access/index.js';
import { LinesService } from './lines.service.js';
import { WaitResults } from './wait-results.service.js';

type ShowPath = z.output<typeof QueueParams>;

/** Serves both lines over REST, with the same rules as over sockets. Long polling replaces the events. */
@Controller('v1/shows/:showId/queue')
export class LinesController {
  constructor(
    private readonly lines: LinesService,
    private readonly results: WaitResults,
    private readonly buyers: BuyerSources,
    private readonly answers: SharedAnswers,
  ) {}

  @Post()
  @SellerScoped({ show: 'params.showId' })
  @UseGuards(SessionGuard)
  async joinQueue(
    @Req() request: Request,
    @Param({ schema: QueueParams }) { showId }: ShowPath,
    @IdempotencyKey() key: string | null,
    @Body({ schema: QueueBody }) body: QueueBody,
  ): Promise<Queue> {
    const buyer = await this.buyers.ofRequest(request);
    return this.lines.join({ showId, buyer, body, key, origin: null });
  }

  @Get()
  @KeyScoped({ show: 'params.showId' })
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
    const disconnect = new AbortController();
    request.once('close', () => disconnect.abort());
    const read = { ms: wait * 1000, ahead: ahead ?? null, disconnected: disconnect.signal };
    const queue = await this.lines.read(showId, sessionId, read);
    const outcome = await this.results.of(showId, sessionId, queue);
    response.setHeader(queueOutcomeHeader, outcome.type);
    // Sends the JSON as text, because Nest sends an empty body for null.
    const answer: Queue | null | QueueWithOutcome = isOutcomeWanted ? { queue, outcome } : queue;
    return JSON.stringify(answer);
  }

  @Delete()
  @KeyScoped({ show: 'params.showId' })
  @UseGuards(SessionGuard)
  @HttpCode(200)
  async leaveQueue(
    @SessionId() sessionId: string,
    @Param({ schema: QueueParams }) { showId }: ShowPath,
  ): Promise<Record<string, never>> {
    await this.lines.leave(showId, sessionId);
    return {};
  }

  @Get('proof')
  @CallCost('proof')
  async getQueueProof(
    @Param({ schema: QueueParams }) { showId }: ShowPath,
    @Query({ schema: ProofQuery }) { line, after }: z.output<typeof ProofQuery>,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.answers.send(request, response, {
      key: ['proof', showId, line, after],
      cacheControl: 'no-cache',
      read: () => this.lines.proof(showId, line, after),
    });
  }
}
