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
import { CatalogService } from '../../catalog/catalog.service.js';
import { ShowsAdministration } from '../../catalog/administration/shows-administration.service.js';
import { ShowsService } from '../../shows/shows.service.js';
import { AdminShowsService } from './admin-shows.service.js';
import { AdminKeyGuard } from './api-key.guard.js';

/** What those who run the programme do to shows. */
@Controller('v1/admin/shows')
@UseGuards(AdminKeyGuard)
export class AdminShowsController {
  constructor(
    private readonly shows: ShowsService,
    private readonly catalog: CatalogService,
    private readonly planning: ShowsAdministration,
    private readonly administration: AdminShowsService,
  ) {}

  @Post()
  createShow(@Body({ schema: ShowBody }) body: ShowBody): Promise<Show> {
    return this.planning.createShow(body);
  }

  @Patch(':showId')
  changeShow(
    @Param({ schema: ShowParams }) { showId }: z.output<typeof ShowParams>,
    @Body({ schema: ShowPatch }) patch: ShowPatch,
  ): Promise<Show> {
    return this.administration.change(showId, patch);
  }

  @Post(':showId/blocks')
  @HttpCode(200)
  blockSeats(
    @Param({ schema: ShowParams }) { showId }: z.output<typeof ShowParams>,
    @Body({ schema: BlocksBody }) { seats }: BlocksBody,
  ): Promise<BlocksAnswer> {
    return this.administration.setBlocked(showId, 'block', seats);
  }

  @Delete(':showId/blocks')
  unblockSeats(
    @Param({ schema: ShowParams }) { showId }: z.output<typeof ShowParams>,
    @Body({ schema: BlocksBody }) { seats }: BlocksBody,
  ): Promise<BlocksAnswer> {
    return this.administration.setBlocked(showId, 'unblock', seats);
  }

  @Post(':showId/call-off')
  @HttpCode(200)
  async callOffShow(
    @Param({ schema: ShowParams }) { showId }: z.output<typeof ShowParams>,
    @Body({ schema: CallOffBody }) { reason }: CallOffBody,
  ): Promise<Show> {
    // The show's own log first, which every node reads; a call that breaks between the two is finished by repeating it.
    await this.shows.submit(showId, { type: 'callOff' });
    await this.catalog.callOff(showId, reason);
    return this.catalog.show(showId);
  }

  @Get(':showId/log')
  readShowLog(
    @Param({ schema: ShowParams }) { showId }: z.output<typeof ShowParams>,
    @Query({ schema: ShowLogQuery }) { after, limit }: z.output<typeof ShowLogQuery>,
  ): Promise<Page<ShowLogEntry>> {
    return this.administration.log(showId, after, limit);
  }
}
