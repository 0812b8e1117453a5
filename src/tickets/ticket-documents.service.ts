import { Inject, Injectable } from '@nestjs/common';
import type { Paper, Ticket } from '@usher/contract';
import { CatalogService } from '../catalog/index.js';
import { DomainError } from '../common/domain-error.js';
import { WorkerThread } from '../common/worker-thread.js';
import { CONFIG, type Config } from '../config/config.js';
import type { PdfOrder } from './documents/pdf-worker.js';
import { type CalendarFile, ticketCalendar } from './documents/ticket-calendar.js';
import { type TicketFace, ticketFace } from './documents/ticket-face.js';
import type { BookedTicket, BookedTickets } from './tickets.service.js';

/** Tickets on paper and in a calendar. */
@Injectable()
export class TicketDocumentsService {
  private readonly thread = new WorkerThread<PdfOrder>('documents/pdf-worker', import.meta.url);

  constructor(
    private readonly catalog: CatalogService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** To print. @throws DomainError `BOOKING_STATE` when all seats were given back, `BUSY` when too many are being made */
  async pdf(booked: BookedTickets, paper: Paper): Promise<Buffer> {
    const faces = worthPrinting(booked).map((ticket) => this.face({ ...booked, ticket }));
    return this.thread.run({ faces: await Promise.all(faces), paper });
  }

  /** What is to be read on a ticket. */
  async face({ show, booking, ticket }: BookedTicket): Promise<TicketFace> {
    const layout = await this.catalog.layoutOfShow(show.showId);
    const price = booking.seats.find(({ seat }) => seat === ticket.seat)?.price ?? null;
    return ticketFace(ticket, show, layout, price);
  }

  /** The booking's entry in a calendar. It cancels the entry after a call-off, or when all seats were given back. */
  calendar(booked: BookedTickets): CalendarFile {
    return ticketCalendar({ ...booked, organizer: this.config.mailFrom });
  }
}

function worthPrinting({ tickets }: BookedTickets): Ticket[] {
  const worth = tickets.filter(({ status }) => status !== 'refunded');
  if (worth.length > 0) return worth;
  throw new DomainError('BOOKING_STATE', 'All seats of the booking were given back.', { bookingStatus: 'refunded' });
}
