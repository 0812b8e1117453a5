import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, UseGuards } from '@nestjs/common';
import {
  type BlocksAnswer,
  BlocksBody,
  CallOffBody,
  type Page,
  type Show,
  ShowBody,
  type ShowLogEntry,
  ShowLogQuery,
  ShowParams,
  ShowPatch,
} from '@usher/contract';
import type { z } from 'zod';
import { ShowsAdministration } from '../catalog/index.js';
import { AdminKeyGuard, type AuditCaller, AuditCallerOf, Idempotent, KeyScoped } from '../access/index.js';
import { AdminShowsService } from './admin-shows.service.js';

/** Creates, changes and calls off shows, blocks seats, and reads the log of a show. */
@Controller('v1/admin/shows')
@UseGuards(AdminKeyGuard)
export class AdminShowsController {
  constructor(
    private readonly planning: ShowsAdministration,
    private readonly administration: AdminShowsService,
  ) {}

  @Post()
  @KeyScoped({ hall: 'body.hallId' })
  @Idempotent()
  createShow(@Body({ schema: ShowBody }) body: ShowBody, @AuditCallerOf() caller: AuditCaller): Promise<Show> {
    return this.planning.createShow(body, caller);
  }

  @Patch(':showId')
  @KeyScoped({ show: 'params.showId', hall: 'body.hallId' })
  changeShow(
    @Param({ schema: ShowParams }) { showId }: z.output<typeof ShowParams>,
    @Body({ schema: ShowPatch }) patch: ShowPatch,
    @AuditCallerOf() caller: AuditCaller,
  ): Promise<Show> {
    return this.administration.change(showId, patch, caller);
  }

  @Post(':showId/blocks')
  @KeyScoped({ show: 'params.showId' })
  @HttpCode(200)
  @Idempotent()
  blockSeats(
    @Param({ schema: ShowParams }) { showId }: z.output<typeof ShowParams>,
    @Body({ schema: BlocksBody }) body: BlocksBody,
    @AuditCallerOf() caller: AuditCaller,
  ): Promise<BlocksAnswer> {
    return this.administration.setBlocked(showId, 'block', body, caller);
  }

  @Delete(':showId/blocks')
  @KeyScoped({ show: 'params.showId' })
  unblockSeats(
    @Param({ schema: ShowParams }) { showId }: z.output<typeof ShowParams>,
    @Body({ schema: BlocksBody }) body: BlocksBody,
    @AuditCallerOf() caller: AuditCaller,
  ): Promise<BlocksAnswer> {
    return this.administration.setBlocked(showId, 'unblock', body, caller);
  }

  @Post(':showId/call-off')
  @KeyScoped({ show: 'params.showId' })
  @HttpCode(200)
  @Idempotent()
  callOffShow(
    @Param({ schema: ShowParams }) { showId }: z.output<typeof ShowParams>,
    @Body({ schema: CallOffBody }) { reason }: CallOffBody,
    @AuditCallerOf() caller: AuditCaller,
  ): Promise<Show> {
    return this.administration.callOff(showId, reason, caller);
  }

  @Get(':showId/log')
  @KeyScoped({ show: 'params.showId' })
  readShowLog(
    @Param({ schema: ShowParams }) { showId }: z.output<typeof ShowParams>,
    @Query({ schema: ShowLogQuery }) { after, limit }: z.output<typeof ShowLogQuery>,
  ): Promise<Page<ShowLogEntry>> {
    return this.administration.log(showId, after, limit);
  }
}
