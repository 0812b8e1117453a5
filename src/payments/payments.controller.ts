import { Body, Controller, Get, Header, HttpCode, Inject, Param, Post, Req, UseGuards } from '@nestjs/common';
import {
  type Booking,
  BookingParams,
  type Page,
  type Payment,
  PaymentBody,
  PaymentParams,
  type Refund,
  RefundBody,
} from '@usher/contract';
import type { Request } from 'express';
import type { z } from 'zod';
import { CONFIG, type Config } from '../config/config.js';
import {
  type BookingCaller,
  BookingCallerGuard,
  CallerOfBooking,
  IdempotencyKey,
  Idempotent,
  KeyScoped,
  SellerScoped,
  SessionGuard,
  SessionId,
} from '../access/index.js';
import { serviceUrl } from '../transport/service-url.js';
import { PaymentsService } from './payments.service.js';
import { RefundsService } from './refunds.service.js';
import { checkReturnUrl } from './return-url.js';

/** REST calls for payments and refunds. */
@Controller('v1')
export class PaymentsController {
  constructor(
    private readonly payments: PaymentsService,
    private readonly refunds: RefundsService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Post('bookings/:bookingId/payments')
  @SellerScoped({ booking: 'params.bookingId' })
  @UseGuards(SessionGuard)
  startPayment(
    @SessionId() sessionId: string,
    @Param({ schema: BookingParams }) { bookingId }: z.output<typeof BookingParams>,
    @IdempotencyKey() key: string | null,
    @Body({ schema: PaymentBody }) body: PaymentBody,
    @Req() request: Request,
  ): Promise<Payment> {
    const baseUrl = serviceUrl(request, this.config);
    checkReturnUrl(body.returnUrl, baseUrl, this.config.returnOrigins);
    return this.payments.start({ sessionId, bookingId, body, key, baseUrl });
  }

  @Get('payments/:paymentId')
  @Header('Cache-Control', 'no-store')
  @UseGuards(SessionGuard)
  getPayment(
    @SessionId() sessionId: string,
    @Param({ schema: PaymentParams }) { paymentId }: z.output<typeof PaymentParams>,
  ): Promise<Payment> {
    return this.payments.get(sessionId, paymentId);
  }

  @Get('bookings/:bookingId/refunds')
  @KeyScoped({ booking: 'params.bookingId' })
  @Header('Cache-Control', 'no-store')
  @UseGuards(BookingCallerGuard)
  async listRefunds(
    @CallerOfBooking() caller: BookingCaller,
    @Param({ schema: BookingParams }) { bookingId }: z.output<typeof BookingParams>,
  ): Promise<Page<Refund>> {
    return { items: await this.payments.refunds(caller, bookingId), nextCursor: null };
  }

  @Post('bookings/:bookingId/refunds')
  @KeyScoped({ booking: 'params.bookingId' })
  @HttpCode(200)
  @UseGuards(BookingCallerGuard)
  @Idempotent()
  refundBooking(
    @CallerOfBooking() caller: BookingCaller,
    @Param({ schema: BookingParams }) { bookingId }: z.output<typeof BookingParams>,
    @Body({ schema: RefundBody }) { seats }: RefundBody,
  ): Promise<Booking> {
    return this.refunds.refund(caller, bookingId, seats ?? null);
  }
}
