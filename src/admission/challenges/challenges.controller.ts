import { Body, Controller, Get, Header, HttpCode, Param, Post, Req, UseGuards } from '@nestjs/common';
import { type Challenge, type ChallengePassed, ChallengeSolution, ShowParams } from '@usher/contract';
import type { Request } from 'express';
import type { z } from 'zod';
import { BuyerSources, KeyScoped, SessionGuard } from '../../access/index.js';
import { Challenges } from './challenges.service.js';

/** Serves the challenges of shows over REST. */
@Controller('v1/shows/:showId/challenge')
@KeyScoped({ show: 'params.showId' })
@UseGuards(SessionGuard)
export class ChallengesController {
  constructor(
    private readonly challenges: Challenges,
    private readonly buyers: BuyerSources,
  ) {}

  @Get()
  @Header('Cache-Control', 'no-store')
  async getChallenge(
    @Req() request: Request,
    @Param({ schema: ShowParams }) { showId }: z.output<typeof ShowParams>,
  ): Promise<Challenge> {
    return this.challenges.create({ showId, buyer: await this.buyers.ofRequest(request) });
  }

  @Post()
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  async solveChallenge(
    @Req() request: Request,
    @Param({ schema: ShowParams }) { showId }: z.output<typeof ShowParams>,
    @Body({ schema: ChallengeSolution }) { solution }: ChallengeSolution,
  ): Promise<ChallengePassed> {
    return this.challenges.solve({ showId, buyer: await this.buyers.ofRequest(request) }, solution);
  }
}
