import { Controller, Get, Query, Req } from '@nestjs/common';
import { type FoundMovies, SearchQuery } from '@usher/contract';
import type { Request } from 'express';
import { CallCost, CallLimits, CallTurns } from '../../access/index.js';
import { CacheBriefly } from '../../transport/cache-control.js';
import { SearchService } from './search.service.js';

@Controller('v1/movies/search')
export class SearchController {
  constructor(
    private readonly searches: SearchService,
    private readonly limits: CallLimits,
    private readonly turns: CallTurns,
  ) {}

  @Get()
  @CallCost('search')
  @CacheBriefly()
  searchMovies(@Query({ schema: SearchQuery }) query: SearchQuery, @Req() request: Request): Promise<FoundMovies> {
    const charge = () => this.limits.charge(request, 'correction');
    return this.turns.runFor(request, () => this.searches.search(query, charge));
  }
}
