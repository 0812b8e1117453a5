import { Controller, Get, Header, Inject, Param, StreamableFile, UseGuards } from '@nestjs/common';
import { TicketParams, type WalletLink } from '@usher/contract';
import type { z } from 'zod';
import { createNotFoundError } from '../common/domain-error.js';
import {
  type BookingCaller,
  BookingCallerGuard,
  CallCost,
  CallerOfBooking,
  KeyScoped,
  taskOwnerOf,
} from '../access/index.js';
import { TicketDocumentsService } from './ticket-documents.service.js';
import { TicketsService } from './tickets.service.js';
import { WALLETS, type Wallets } from './wallets/wallets.js';

type TicketOfBooking = z.output<typeof TicketParams>;

/** Serves tickets as passes for phone wallets, if the operator configured keys for these wallets. */
@Controller('v1/bookings/:bookingId/tickets/:ticketId/wallet')
@UseGuards(BookingCallerGuard)
@KeyScoped({ booking: 'params.bookingId' })
export class WalletsController {
  constructor(
    @Inject(WALLETS) private readonly wallets: Wallets,
    private readonly tickets: TicketsService,
    private readonly documents: TicketDocumentsService,
  ) {}

  @Get('apple')
  @CallCost('document')
  @Header('Cache-Control', 'no-store')
  async getAppleWalletPass(
    @CallerOfBooking() caller: BookingCaller,
    @Param({ schema: TicketParams }) { bookingId, ticketId }: TicketOfBooking,
  ): Promise<StreamableFile> {
    const { apple } = this.wallets;
    if (!apple?.isUsable()) throw createNotFoundError('pass for Apple Wallet');
    const ticket = await this.tickets.getTicket(caller, bookingId, ticketId);
    const face = await this.documents.createFace(ticket);
    const pass = await apple.createPass(face, ticket.show, taskOwnerOf(caller));
    const disposition = 'attachment; filename="ticket.pkpass"';
    return new StreamableFile(pass, { type: 'application/vnd.apple.pkpass', disposition, length: pass.length });
  }

  @Get('google')
  @Header('Cache-Control', 'no-store')
  async getGoogleWalletLink(
    @CallerOfBooking() caller: BookingCaller,
    @Param({ schema: TicketParams }) { bookingId, ticketId }: TicketOfBooking,
  ): Promise<WalletLink> {
    const { google } = this.wallets;
    if (!google) throw createNotFoundError('pass for Google Wallet');
    const ticket = await this.tickets.getTicket(caller, bookingId, ticketId);
    return { url: await google.createLink(await this.documents.createFace(ticket), ticket.show) };
  }
}
