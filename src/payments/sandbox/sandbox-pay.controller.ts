import { Body, Controller, Get, Header, HttpCode, NotFoundException, Param, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { BodyTypes } from '../../transport/request-format.guard.js';
import { contentSecurityPolicy } from './page-frame.js';
import { type PageResult, payPage, phonePage } from './pay-page.js';
import type { SandboxPaymentRow } from './sandbox-books.js';
import { SandboxProvider, toAnswer } from './sandbox-provider.service.js';
import { type SandboxAnswer, SandboxPay } from './sandbox-wire.js';

const Reference = z.object({ reference: z.uuid() });
type Reference = z.output<typeof Reference>;

/** The page sends a form, and test programs send JSON. */
const bodyTypes = ['application/json', 'application/x-www-form-urlencoded'];

/** The pay pages of the sandbox provider. Test programs can pay with JSON instead of the form. */
@Controller('sandbox/pay/:reference')
export class SandboxPayController {
  constructor(private readonly provider: SandboxProvider) {}

  @Get()
  @Header('Cache-Control', 'no-store')
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Content-Security-Policy', contentSecurityPolicy)
  async page(@Param({ schema: Reference }) { reference }: Reference): Promise<string> {
    return payPage(await this.payment(reference), null);
  }

  /** The page behind the QR code. */
  @Get('phone')
  @Header('Cache-Control', 'no-store')
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Content-Security-Policy', contentSecurityPolicy)
  async phone(@Param({ schema: Reference }) { reference }: Reference): Promise<string> {
    return phonePage(await this.payment(reference), null);
  }

  /**
   * The status that the pay page polls. It is `pending` while the provider is silent. Anybody may ask, so the answer
   * must not wait as the provider's API does: many waiting requests would cost the node memory and connections.
   */
  @Get('state')
  @Header('Cache-Control', 'no-store')
  async state(@Param({ schema: Reference }) { reference }: Reference): Promise<Pick<SandboxAnswer, 'status'>> {
    const payment = await this.payment(reference);
    return { status: payment.silentMs > 0 ? 'pending' : toAnswer(payment).status };
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
  response.type('html').setHeader('Content-Security-Policy', contentSecurityPolicy);
  return page;
}
