import { Controller, Delete, Get, HttpCode, Param, Post, UseGuards } from '@nestjs/common';
import { type TicketKey, TicketKeyParams, type TicketKeys } from '@usher/contract';
import type { z } from 'zod';
import { CacheForAMinute } from '../../transport/cache-control.js';
import { AdminKeyGuard, type AuditCaller, AuditCallerOf, Idempotent, KeyScoped } from '../../access/index.js';
import { TicketKeyRing } from './ticket-key-ring.service.js';

/** Publishes the public keys of ticket codes to every client, and lets an admin rotate and revoke keys. */
@Controller('v1')
export class TicketKeysController {
  constructor(private readonly ring: TicketKeyRing) {}

  @Get('tickets/keys')
  @CacheForAMinute()
  getTicketKeys(): Promise<TicketKeys> {
    return this.ring.publicKeys();
  }

  @Post('admin/ticket-keys')
  @KeyScoped('service')
  @UseGuards(AdminKeyGuard)
  @Idempotent()
  rotateTicketKey(@AuditCallerOf() caller: AuditCaller): Promise<TicketKey> {
    return this.ring.rotate(caller);
  }

  @Delete('admin/ticket-keys/:kid')
  @KeyScoped('service')
  @HttpCode(204)
  @UseGuards(AdminKeyGuard)
  revokeTicketKey(
    @Param({ schema: TicketKeyParams }) { kid }: z.output<typeof TicketKeyParams>,
    @AuditCallerOf() caller: AuditCaller,
  ): Promise<void> {
    return this.ring.revoke(kid, caller);
  }
}
