import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { type Show, ShowParams } from '@usher/contract';
import type { Request, Response } from 'express';
import type { z } from 'zod';
import { cacheForever, CacheRevalidated } from '../transport/cache-control.js';
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
  async getLayout(
    @Param({ schema: ShowParams }) { showId }: z.output<typeof ShowParams>,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const layout = await this.catalog.encodedLayoutOfShow(showId);
    response.setHeader('Cache-Control', cacheForever);
    await layout.send(request, response);
  }
}
