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
import { AdminKeyGuard, Idempotent, type KeyHolder, KeyHolderOf, KeyScoped } from '../access/index.js';
import type { Actor } from '../shows/index.js';
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
  createShow(@Body({ schema: ShowBody }) body: ShowBody): Promise<Show> {
    return this.planning.createShow(body);
  }

  @Patch(':showId')
  @KeyScoped({ show: 'params.showId', hall: 'body.hallId' })
  changeShow(
    @Param({ schema: ShowParams }) { showId }: z.output<typeof ShowParams>,
    @Body({ schema: ShowPatch }) patch: ShowPatch,
    @KeyHolderOf() by: KeyHolder,
  ): Promise<Show> {
    return this.administration.change(showId, patch, actorOf(by));
  }

  @Post(':showId/blocks')
  @KeyScoped({ show: 'params.showId' })
  @HttpCode(200)
  @Idempotent()
  blockSeats(
    @Param({ schema: ShowParams }) { showId }: z.output<typeof ShowParams>,
    @Body({ schema: BlocksBody }) body: BlocksBody,
    @KeyHolderOf() by: KeyHolder,
  ): Promise<BlocksAnswer> {
    return this.administration.setBlocked(showId, 'block', body, actorOf(by));
  }

  @Delete(':showId/blocks')
  @KeyScoped({ show: 'params.showId' })
  unblockSeats(
    @Param({ schema: ShowParams }) { showId }: z.output<typeof ShowParams>,
    @Body({ schema: BlocksBody }) body: BlocksBody,
    @KeyHolderOf() by: KeyHolder,
  ): Promise<BlocksAnswer> {
    return this.administration.setBlocked(showId, 'unblock', body, actorOf(by));
  }

  @Post(':showId/call-off')
  @KeyScoped({ show: 'params.showId' })
  @HttpCode(200)
  @Idempotent()
  callOffShow(
    @Param({ schema: ShowParams }) { showId }: z.output<typeof ShowParams>,
    @Body({ schema: CallOffBody }) { reason }: CallOffBody,
    @KeyHolderOf() by: KeyHolder,
  ): Promise<Show> {
    return this.administration.callOff(showId, reason, actorOf(by));
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

/** Returns those fields of an API key's holder that the log of a show stores. */
const actorOf = ({ keyId, name }: KeyHolder): Actor => ({ keyId, name });
