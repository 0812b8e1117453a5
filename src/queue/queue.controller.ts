import { Body, Controller, Delete, Get, Header, HttpCode, Param, Post, Query, Req, UseGuards } from '@nestjs/common';
import { ProofQuery, type Queue, QueueBody, QueueParams, type QueueProof, QueueQuery } from '@usher/contract';
import type { Request } from 'express';
import type { z } from 'zod';
import { SessionGuard, SessionId } from '../realtime/session.guard.js';
import { QueueService } from './queue.service.js';

type ShowPath = z.output<typeof QueueParams>;

/** Both lines over REST: the rules of the sockets, with long polling in the place of events. */
@Controller('v1/shows/:showId/queue')
export class QueueController {
  constructor(private readonly queue: QueueService) {}

  @Post()
  @UseGuards(SessionGuard)
  joinQueue(
    @SessionId() sessionId: string,
    @Param({ schema: QueueParams }) { showId }: ShowPath,
    @Body({ schema: QueueBody }) body: QueueBody,
  ): Promise<Queue> {
    return this.queue.join(showId, sessionId, body);
  }

  @Get()
  @UseGuards(SessionGuard)
  @Header('Cache-Control', 'no-store')
  @Header('Content-Type', 'application/json; charset=utf-8')
  async getQueue(
    @SessionId() sessionId: string,
    @Param({ schema: QueueParams }) { showId }: ShowPath,
    @Query({ schema: QueueQuery }) { wait, ahead }: z.output<typeof QueueQuery>,
    @Req() request: Request,
  ): Promise<string> {
    const gone = new AbortController();
    request.once('close', () => gone.abort());
    const read = { ms: wait * 1000, ahead: ahead ?? null, gone: gone.signal };
    // As text: Nest answers nothing at all for null.
    return JSON.stringify(await this.queue.read(showId, sessionId, read));
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
