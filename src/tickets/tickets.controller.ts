import { Controller, Get, Header, Param, Query, Req, StreamableFile, UseGuards } from '@nestjs/common';
import { endpoints, type Page, type Ticket, TicketsQuery } from '@usher/contract';
import type { Request } from 'express';
import type { z } from 'zod';
import {
  type BookingCaller,
  BookingCallerGuard,
  CallerOfBooking,
  CallLimits,
  KeyScoped,
  taskOwnerOf,
} from '../access/index.js';
import { TicketDocumentsService } from './ticket-documents.service.js';
import { TicketsService } from './tickets.service.js';

const { params: TicketsParams } = endpoints.listTickets;

/** Serves a buyer's tickets as JSON, as a PDF to print, or as a calendar file. */
@Controller('v1/bookings/:bookingId/tickets')
@UseGuards(BookingCallerGuard)
@KeyScoped({ booking: 'params.bookingId' })
export class TicketsController {
  constructor(
    private readonly tickets: TicketsService,
    private readonly documents: TicketDocumentsService,
    private readonly limits: CallLimits,
  ) {}

  @Get()
  @Header('Cache-Control', 'no-store')
  @Header('Vary', 'Accept')
  async listTickets(
    @CallerOfBooking() caller: BookingCaller,
    @Param({ schema: TicketsParams }) { bookingId }: z.output<typeof TicketsParams>,
    @Query({ schema: TicketsQuery }) { paper }: z.output<typeof TicketsQuery>,
    @Req() request: Request,
  ): Promise<Page<Ticket> | StreamableFile> {
    const booked = await this.tickets.listForBooking(caller, bookingId);
    switch (request.accepts(['application/json', 'application/pdf', 'text/calendar'])) {
      case 'application/pdf':
        await this.limits.charge(request, 'document');
        return toAttachment(
          await this.documents.createPdf(booked, paper, taskOwnerOf(caller)),
          'application/pdf',
          'tickets.pdf',
        );
      case 'text/calendar': {
        const { content, contentType } = this.documents.createCalendarFile(booked);
        return toAttachment(content, contentType, 'show.ics');
      }
      default:
        return { items: [...booked.tickets], nextCursor: null };
    }
  }
}

const toAttachment = (content: Buffer, type: string, name: string): StreamableFile =>
  new StreamableFile(content, { type, disposition: `attachment; filename="${name}"`, length: content.length });
