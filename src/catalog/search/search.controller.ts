import { Controller, Get, Query } from '@nestjs/common';
import { type FoundMovies, SearchQuery } from '@usher/contract';
import { CacheBriefly } from '../../transport/cache-control.js';
import { SearchService } from './search.service.js';

@Controller('v1/movies/search')
export class SearchController {
  constructor(private readonly searches: SearchService) {}

  @Get()
  @CacheBriefly()
  searchMovies(@Query({ schema: SearchQuery }) query: SearchQuery): Promise<FoundMovies> {
    return this.searches.search(query);
  }
}
