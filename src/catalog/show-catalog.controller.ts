import { Controller, Get, Param } from '@nestjs/common';
import { type Layout, type Show, ShowParams } from '@usher/contract';
import type { z } from 'zod';
import { CacheForever, CacheRevalidated } from '../transport/cache-control.js';
import { CatalogService } from './catalog.service.js';

@Controller('v1/shows')
export class ShowCatalogController {
  constructor(private readonly catalog: CatalogService) {}

  @Get(':showId')
  @CacheRevalidated()
  getShow(@Param({ schema: ShowParams }) { showId }: z.output<typeof ShowParams>): Promise<Show> {
    return this.catalog.show(showId);
  }

  @Get(':showId/layout')
  @CacheForever()
  getLayout(@Param({ schema: ShowParams }) { showId }: z.output<typeof ShowParams>): Promise<Layout> {
    return this.catalog.layoutOfShow(showId);
  }
}
