import { Body, Controller, Get, Header, HttpCode, Param, Post, Query, UseGuards } from '@nestjs/common';
import {
  type Page,
  type RiskCase,
  RiskCasesQuery,
  type RiskRelease,
  RiskReleaseBody,
  type RiskSources,
  ShowParams,
} from '@usher/contract';
import { validate as isUuid } from 'uuid';
import type { z } from 'zod';
import {
  type AuditCaller,
  AuditCallerOf,
  type KeyHolder,
  KeyHolderOf,
  KeyScoped,
  RiskKeyGuard,
} from '../../access/index.js';
import { createInvalidRequestError } from '../../common/invalid-request.js';
import { PatternRelease } from './pattern-release.service.js';
import { RiskCaseRepository } from './risk-case.repository.js';
import { RiskSourcesService } from './risk-sources.service.js';

/** Lets staff see suspicious calls, and release what a pattern of sessions holds. */
@Controller('v1/admin/risk')
@UseGuards(RiskKeyGuard)
export class RiskController {
  constructor(
    private readonly cases: RiskCaseRepository,
    private readonly sources: RiskSourcesService,
    private readonly releases: PatternRelease,
  ) {}

  @Get('cases')
  @KeyScoped('filtered')
  @Header('Cache-Control', 'no-store')
  listRiskCases(
    @KeyHolderOf() holder: KeyHolder,
    @Query({ schema: RiskCasesQuery }) query: RiskCasesQuery,
  ): Promise<Page<RiskCase>> {
    return this.cases.list(query, holder, readCursor(query));
  }

  @Get('shows/:showId/sources')
  @KeyScoped({ show: 'params.showId' })
  @Header('Cache-Control', 'no-store')
  async listRiskSources(@Param({ schema: ShowParams }) { showId }: z.output<typeof ShowParams>): Promise<RiskSources> {
    return { sources: await this.sources.list(showId) };
  }

  @Post('shows/:showId/releases')
  @KeyScoped({ show: 'params.showId' })
  @HttpCode(200)
  releaseRiskPattern(
    @Param({ schema: ShowParams }) { showId }: z.output<typeof ShowParams>,
    @Body({ schema: RiskReleaseBody }) body: RiskReleaseBody,
    @AuditCallerOf() caller: AuditCaller,
  ): Promise<RiskRelease> {
    return this.releases.release(showId, body, caller);
  }
}

function readCursor({ cursor }: RiskCasesQuery): string | null {
  if (cursor === undefined) return null;
  if (isUuid(cursor)) return cursor;
  throw createInvalidRequestError([
    { path: ['cursor'], message: 'This cursor belongs to a different query. Start again without a cursor.' },
  ]);
}
