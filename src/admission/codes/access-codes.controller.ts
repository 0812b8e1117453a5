import { Body, Controller, Get, Header, HttpCode, Param, Post, Req, UseGuards } from '@nestjs/common';
import { type AccessCodeAllowance, AccessCodeBody, ShowParams } from '@usher/contract';
import type { Request } from 'express';
import type { z } from 'zod';
import { BuyerSources, KeyScoped, SellerScoped, SessionGuard, SessionId } from '../../access/index.js';
import { AccessCodes } from './access-codes.service.js';

/** Lets sessions use access codes over REST. */
@Controller('v1/shows/:showId/access-code')
@UseGuards(SessionGuard)
export class AccessCodesController {
  constructor(
    private readonly codes: AccessCodes,
    private readonly buyers: BuyerSources,
  ) {}

  @Post()
  @SellerScoped({ show: 'params.showId' })
  @HttpCode(200)
  async redeemAccessCode(
    @Req() request: Request,
    @Param({ schema: ShowParams }) { showId }: z.output<typeof ShowParams>,
    @Body({ schema: AccessCodeBody }) { code }: AccessCodeBody,
  ): Promise<AccessCodeAllowance> {
    return this.codes.redeem(showId, await this.buyers.ofRequest(request), code);
  }

  @Get()
  @KeyScoped({ show: 'params.showId' })
  @Header('Cache-Control', 'no-store')
  getAccessCodeAllowance(
    @SessionId() sessionId: string,
    @Param({ schema: ShowParams }) { showId }: z.output<typeof ShowParams>,
  ): Promise<AccessCodeAllowance> {
    return this.codes.allowance(showId, sessionId);
  }
}
