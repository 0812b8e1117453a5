import { Inject, Injectable } from '@nestjs/common';
import type { Paper, Ticket } from '@usher/contract';
import { CatalogService } from '../catalog/index.js';
import { DomainError } from '../common/domain-error.js';
import { WorkerThread } from '../common/worker-thread.js';
import { CONFIG, type Config } from '../config/config.js';
import type { PdfOrder } from './documents/pdf-worker.js';
import { type CalendarFile, createTicketCalendar } from './documents/ticket-calendar.js';
import { type TicketFace, createTicketFace } from './documents/ticket-face.js';
import type { BookedTicket, BookedTickets } from './tickets.service.js';

/** Creates the documents of tickets: PDF files and calendar files. */
@Injectable()
export class TicketDocumentsService {
  private readonly thread = new WorkerThread<PdfOrder, Uint8Array>(
    'documents/pdf-worker',
    import.meta.url,
    'documents',
  );

  constructor(
    private readonly catalog: CatalogService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Creates a PDF to print.
   *
   * @param owner see `WorkerThread.run`
   * @throws DomainError `BOOKING_STATE` if all seats were given back; `RATE_LIMITED` or `BUSY` if too many PDFs are being
   *   created
   */
  async createPdf(booked: BookedTickets, paper: Paper, owner: string | null): Promise<Buffer> {
    const faces = ticketsToPrint(booked).map((ticket) => this.createFace({ ...booked, ticket }));
    return Buffer.from(await this.thread.run({ faces: await Promise.all(faces), paper }, owner));
  }

  /** Collects the texts that are printed on a ticket. */
  async createFace({ show, booking, ticket }: BookedTicket): Promise<TicketFace> {
    const layout = await this.catalog.layoutOfShow(show.showId);
    const price = booking.seats.find(({ seat }) => seat === ticket.seat)?.price ?? null;
    return createTicketFace(ticket, show, layout, price);
  }

  /**
   * Creates the calendar file of a booking. The file cancels the booking's calendar entry if the show was called off or if
   * all seats were given back.
   */
  createCalendarFile(booked: BookedTickets): CalendarFile {
    return createTicketCalendar({ ...booked, organizer: this.config.mailFrom });
  }
}

/** Returns the tickets whose seats were not given back. @throws DomainError `BOOKING_STATE` if there are none */
function ticketsToPrint({ tickets }: BookedTickets): Ticket[] {
  const notRefunded = tickets.filter(({ status }) => status !== 'refunded');
  if (notRefunded.length > 0) return notRefunded;
  throw new DomainError('BOOKING_STATE', 'All seats of the booking were given back, so there is no ticket to print.', {
    bookingStatus: 'refunded',
  });
}
