import { Body, Controller, Get, Header, HttpCode, NotFoundException, Param, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { BodyTypes } from '../../transport/request-format.guard.js';
import { policy } from './page-frame.js';
import { type PageResult, payPage, phonePage } from './pay-page.js';
import type { SandboxPaymentRow } from './sandbox-books.js';
import { SandboxProvider } from './sandbox-provider.service.js';
import { type SandboxAnswer, SandboxPay } from './sandbox-wire.js';

const Reference = z.object({ reference: z.uuid() });
type Reference = z.output<typeof Reference>;

/** The page posts a form, and programs JSON. */
const bodyTypes = ['application/json', 'application/x-www-form-urlencoded'];

/** The sandbox provider's pay pages, for people; for programs the same as JSON. */
@Controller('sandbox/pay/:reference')
export class SandboxPayController {
  constructor(private readonly provider: SandboxProvider) {}

  @Get()
  @Header('Cache-Control', 'no-store')
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Content-Security-Policy', policy)
  async page(@Param({ schema: Reference }) { reference }: Reference): Promise<string> {
    return payPage(await this.payment(reference), null);
  }

  /** The page behind the code that is shown. */
  @Get('phone')
  @Header('Cache-Control', 'no-store')
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Content-Security-Policy', policy)
  async phone(@Param({ schema: Reference }) { reference }: Reference): Promise<string> {
    return phonePage(await this.payment(reference), null);
  }

  /** What the page asks while it waits. */
  @Get('state')
  @Header('Cache-Control', 'no-store')
  async state(@Param({ schema: Reference }) { reference }: Reference): Promise<Pick<SandboxAnswer, 'status'>> {
    const answer = await this.provider.look(reference);
    if (!answer) throw new NotFoundException();
    return { status: answer.status };
  }

  @Post()
  @BodyTypes(bodyTypes)
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  async pay(
    @Param({ schema: Reference }) { reference }: Reference,
    @Body({ schema: SandboxPay }) body: z.output<typeof SandboxPay>,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<unknown> {
    const payment = await this.payment(reference);
    const result = await this.provider.pay(payment, body);
    if (!isForm(request)) return result;
    if (result.status === 'succeeded' && payment.returnUrl !== null) {
      response.redirect(303, payment.returnUrl);
      return undefined;
    }
    return html(response, await payPage(payment, { ...result, card: body.card ?? '' }));
  }

  @Post('phone')
  @BodyTypes(bodyTypes)
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  async payByPhone(
    @Param({ schema: Reference }) { reference }: Reference,
    @Body({ schema: SandboxPay }) body: z.output<typeof SandboxPay>,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<unknown> {
    const payment = await this.payment(reference);
    const result = await this.provider.pay(payment, body);
    const shown: PageResult = { ...result, card: '' };
    return isForm(request) ? html(response, phonePage(payment, shown)) : result;
  }

  private async payment(reference: string): Promise<SandboxPaymentRow> {
    const payment = await this.provider.find(reference);
    if (!payment) throw new NotFoundException();
    return payment;
  }
}

const isForm = (request: Request): boolean => request.is('application/x-www-form-urlencoded') !== false;

function html(response: Response, page: string): string {
  response.type('html').setHeader('Content-Security-Policy', policy);
  return page;
}
