import { hash, timingSafeEqual } from 'node:crypto';
import {
  Body,
  type CanActivate,
  ConflictException,
  Controller,
  type ExecutionContext,
  Get,
  HttpCode,
  Inject,
  Injectable,
  NotFoundException,
  Param,
  Post,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common';
import type { Request } from 'express';
import { z } from 'zod';
import { SandboxProvider } from './sandbox-provider.service.js';
import { SANDBOX_SECRETS, type SandboxSecrets } from './sandbox-secrets.js';
import { type SandboxAnswer, SandboxOrder, SandboxRefund } from './sandbox-wire.js';

const Reference = z.object({ reference: z.uuid() });

const digest = (text: string): Buffer => hash('sha256', text, 'buffer');

/** Admits only requests with the provider's API key. */
@Injectable()
export class SandboxKeyGuard implements CanActivate {
  constructor(@Inject(SANDBOX_SECRETS) private readonly secrets: SandboxSecrets) {}

  canActivate(context: ExecutionContext): boolean {
    const { authorization = '' } = context.switchToHttp().getRequest<Request>().headers;
    if (timingSafeEqual(digest(authorization), digest(`Bearer ${this.secrets.apiKey}`))) return true;
    throw new UnauthorizedException();
  }
}

/** The API of the sandbox provider. This service is its only client. */
@Controller('sandbox/v1/payments')
@UseGuards(SandboxKeyGuard)
export class SandboxApiController {
  constructor(private readonly provider: SandboxProvider) {}

  @Post()
  open(@Body({ schema: SandboxOrder }) order: SandboxOrder): Promise<SandboxAnswer> {
    return this.provider.open(order);
  }

  @Get(':reference')
  async fetchPayment(@Param({ schema: Reference }) { reference }: z.output<typeof Reference>): Promise<SandboxAnswer> {
    const payment = await this.provider.fetchPayment(reference);
    if (!payment) throw new NotFoundException();
    return payment;
  }

  @Post(':reference/cancel')
  @HttpCode(200)
  async cancel(@Param({ schema: Reference }) { reference }: z.output<typeof Reference>): Promise<SandboxAnswer> {
    const payment = await this.provider.cancel(reference);
    if (!payment) throw new NotFoundException();
    return payment;
  }

  @Post(':reference/refunds')
  @HttpCode(200)
  async refund(
    @Param({ schema: Reference }) { reference }: z.output<typeof Reference>,
    @Body({ schema: SandboxRefund }) { refundId, amount }: z.output<typeof SandboxRefund>,
  ): Promise<{ reference: string }> {
    if (!(await this.provider.refund(reference, refundId, amount))) throw new ConflictException();
    return { reference: refundId };
  }
}
