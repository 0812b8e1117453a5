import { Injectable } from '@nestjs/common';
import { formatMoney, type MailKind, type Show, type Ticket } from '@usher/contract';
import { TicketDocumentsService, TicketsService, formatShowStart } from '../tickets/index.js';
import { DomainError } from '../common/domain-error.js';
import { CatalogService } from '../catalog/index.js';
import type { Move, MovePlan } from './mail-message.entity.js';
import { MailFooterService } from './mail-footer.service.js';
import type { MailTopic } from './mails.repository.js';

/** Subject line and body of a mail. */
export interface MailText {
  readonly subject: string;
  readonly text: string;
}

/** An attachment of a mail. */
export interface MailAttachment {
  readonly filename: string;
  readonly contentType: string;
  readonly content: Buffer;
}

/** A mail to be written. */
export interface MailSubject extends MailTopic {
  readonly showId: number;
  readonly bookingId: string;
  readonly kind: MailKind;
  /** The receiver's address. Null if the text is for operators. */
  readonly address: string | null;
}

/** Writes mails from the current state of the show and the booking, because days may pass between an event and its mail. */
@Injectable()
export class MailWriterService {
  constructor(
    private readonly catalog: CatalogService,
    private readonly tickets: TicketsService,
    private readonly documents: TicketDocumentsService,
    private readonly footer: MailFooterService,
  ) {}

  /** Writes the text of a mail. @throws DomainError `BOOKING_STATE` if the booking no longer has the tickets to be mailed */
  async text(mail: MailSubject): Promise<MailText> {
    const show = await this.catalog.show(mail.showId);
    const { subject, text } = await this.content(mail, show);
    const footer = await this.footer.lines(show, mail.bookingId, mail.address);
    return { subject, text: [text, ...footer, ''].join('\n') };
  }

  private async content(mail: MailSubject, show: Show): Promise<MailText> {
    if (mail.kind === 'moved') return movedText(show, await this.describeMove(show, mail.move));
    if (mail.kind !== 'booked') return mailText(mail.kind, show, mail.refund, []);
    return mailText(
      'booked',
      show,
      null,
      (await this.tickets.listForBooking({ by: 'service' }, mail.bookingId)).tickets,
    );
  }

  /** Creates the attachments of a mail. @throws DomainError, like {@link text} */
  async attachments({ kind, bookingId }: MailSubject): Promise<MailAttachment[]> {
    const booked = await this.tickets.listForBooking({ by: 'service' }, bookingId).catch((error: unknown) => {
      // This mail is about a payment that came too late for the seats, so the buyer never had tickets.
      if (kind !== 'booked' && error instanceof DomainError && error.body.code === 'BOOKING_STATE') return null;
      throw error;
    });
    if (booked === null) return [];
    // The calendar file adds the show to the buyer's calendar. If an earlier mail added an entry, it updates or cancels
    // that entry.
    const { content, contentType } = this.documents.createCalendarFile(booked);
    const calendar = { filename: 'show.ics', contentType, content };
    if (kind !== 'booked') return [calendar];
    const pdf = await this.documents.createPdf(booked, 'a4', null);
    return [{ filename: 'tickets.pdf', contentType: 'application/pdf', content: pdf }, calendar];
  }

  private async describeMove(show: Show, move: Move | null): Promise<MoveText> {
    if (!move) throw new Error(`a mail about a move of show ${show.showId} has no move`);
    const describe = async ({ startsAt, hallId, movieId }: MovePlan) => {
      const names = await this.catalog.planNames(movieId, hallId);
      return {
        start: formatShowStart({ ...show, startsAt: new Date(startsAt).toISOString() }),
        where: names ? `${names.cinema}, ${names.hall}` : '',
        movie: names?.movie ?? '',
      };
    };
    return { from: await describe(move.from), to: await describe(move.to), reason: move.reason };
  }
}

/** Time, place and movie of a show, as text. */
interface PlanText {
  readonly start: string;
  readonly where: string;
  readonly movie: string;
}

/** A move of a show, as text. */
interface MoveText {
  readonly from: PlanText;
  readonly to: PlanText;
  readonly reason: string | null;
}

function movedText(show: Show, { from, to, reason }: MoveText): MailText {
  const { cinema } = show;
  const changes = [
    { label: 'Time', before: from.start, after: to.start },
    { label: 'Place', before: from.where, after: to.where },
    { label: 'Movie', before: from.movie, after: to.movie },
  ].filter(({ before, after }) => before !== after);
  const lines = [
    'A show changed that you have tickets for. Your tickets and seats stay valid.',
    ...changes.flatMap(({ label, before, after }) => [`${label} now: ${after}`, `${label} before: ${before}`]),
    ...(reason ? [`Reason: ${reason}`] : []),
  ];
  const place = `${cinema.address}, ${cinema.postalCode}`;
  return {
    subject: `Your show moved: ${to.movie || show.movie.title}`,
    text: [...lines, '', to.movie, to.start, to.where, place, ''].join('\n'),
  };
}

function mailText(
  kind: Exclude<MailKind, 'moved'>,
  show: Show,
  refund: MailTopic['refund'],
  tickets: readonly Ticket[],
): MailText {
  const { movie, cinema, hall } = show;
  const showLines = [
    movie.title,
    formatShowStart(show),
    `${cinema.name}, ${hall.name}`,
    `${cinema.address}, ${cinema.postalCode}`,
  ];
  const amount = refund === null ? 'What you paid' : formatMoney(refund);
  const seats = tickets.flatMap(({ status, label }) => (status === 'refunded' ? [] : label));
  const write = (subject: string, ...lines: string[]): MailText => ({
    subject: `${subject}: ${movie.title}`,
    text: [...lines, '', ...showLines, ''].join('\n'),
  });
  switch (kind) {
    case 'booked':
      return write(
        'Your tickets',
        `Your seats: ${seats.join(', ')}. The tickets are attached: show their codes at the entrance, printed or on a screen.`,
      );
    case 'refunded':
      return write('Your refund', `You gave seats back. ${amount} goes back to you the way you paid.`);
    case 'calledOff':
      return write(
        'Called off',
        `This show was called off. ${amount} goes back to you the way you paid.`,
        ...(show.calledOffReason ? [`Reason: ${show.calledOffReason}`] : []),
      );
    case 'returned':
      return write(
        'Your payment goes back',
        `Your payment arrived after your hold had ended, and other buyers had the seats by then. ${amount} goes back to you the way you paid.`,
      );
  }
}
