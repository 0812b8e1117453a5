import { Injectable } from '@nestjs/common';
import { formatMoney, type MailKind, type Show, type Ticket } from '@usher/contract';
import { TicketDocumentsService, TicketsService, whenOf } from '../tickets/index.js';
import { DomainError } from '../common/domain-error.js';
import { CatalogService } from '../catalog/index.js';
import type { Move, MovePlan } from './mail-message.entity.js';
import type { ClaimedMail } from './mail-outbox.js';
import { WayBackService } from './way-back.service.js';

/** What a mail says. */
export interface MailText {
  readonly subject: string;
  readonly text: string;
}

/** A file that goes along. */
export interface MailFile {
  readonly filename: string;
  readonly contentType: string;
  readonly content: Buffer;
}

/** `address` is null where the mail is only shown to operations. */
type Subject = Pick<ClaimedMail, 'showId' | 'bookingId' | 'kind' | 'refund' | 'move'> & {
  readonly address: string | null;
};

/** Writes mails as things are now: between an event and its mail days may lie. */
@Injectable()
export class MailWriterService {
  constructor(
    private readonly catalog: CatalogService,
    private readonly tickets: TicketsService,
    private readonly documents: TicketDocumentsService,
    private readonly wayBack: WayBackService,
  ) {}

  /** A mail's words. @throws DomainError `BOOKING_STATE` for tickets of a booking that has none any more */
  async text(about: Subject): Promise<MailText> {
    const show = await this.catalog.show(about.showId);
    const { subject, text } = await this.news(about, show);
    const wayBack = await this.wayBack.lines(show, about.bookingId, about.address);
    return { subject, text: [text, ...wayBack, ''].join('\n') };
  }

  private async news(about: Subject, show: Show): Promise<MailText> {
    if (about.kind === 'moved') return movedText(show, await this.moveWords(show, about.move));
    if (about.kind !== 'booked') return mailText(about.kind, show, about.refund, []);
    return mailText('booked', show, null, (await this.tickets.ofBooking({ by: 'service' }, about.bookingId)).tickets);
  }

  /** The files of a mail. @throws DomainError as {@link text} */
  async files({ kind, bookingId }: Subject): Promise<MailFile[]> {
    const booked = await this.tickets.ofBooking({ by: 'service' }, bookingId).catch((error: unknown) => {
      // The payment of this mail found no seats, so the buyer never had tickets.
      if (kind !== 'booked' && error instanceof DomainError && error.body.code === 'BOOKING_STATE') return null;
      throw error;
    });
    if (booked === null) return [];
    // It replaces or cancels the entry that an earlier mail brought into the buyer's calendar.
    const { content, contentType } = this.documents.calendar(booked);
    const calendar = { filename: 'show.ics', contentType, content };
    if (kind !== 'booked') return [calendar];
    const pdf = await this.documents.pdf(booked, 'a4');
    return [{ filename: 'tickets.pdf', contentType: 'application/pdf', content: pdf }, calendar];
  }

  private async moveWords(show: Show, move: Move | null): Promise<MoveWords> {
    if (!move) throw new Error(`a mail about a move of show ${show.showId} does not say which`);
    const wordsOf = async ({ startsAt, hallId, movieId }: MovePlan) => {
      const names = await this.catalog.planNames(movieId, hallId);
      return {
        when: whenOf({ ...show, startsAt: new Date(startsAt).toISOString() }),
        where: names ? `${names.cinema}, ${names.hall}` : '',
        movie: names?.movie ?? '',
      };
    };
    return { from: await wordsOf(move.from), to: await wordsOf(move.to), reason: move.reason };
  }
}

/** When, where and what a show plays, in words. */
interface PlanWords {
  readonly when: string;
  readonly where: string;
  readonly movie: string;
}

/** A move in words. */
interface MoveWords {
  readonly from: PlanWords;
  readonly to: PlanWords;
  readonly reason: string | null;
}

function movedText(show: Show, { from, to, reason }: MoveWords): MailText {
  const { cinema } = show;
  const changes = [
    { what: 'Time', before: from.when, after: to.when },
    { what: 'Place', before: from.where, after: to.where },
    { what: 'Movie', before: from.movie, after: to.movie },
  ].filter(({ before, after }) => before !== after);
  const lines = [
    'A show changed that you have tickets for. Your tickets and seats stay valid.',
    ...changes.flatMap(({ what, before, after }) => [`${what} now: ${after}`, `${what} before: ${before}`]),
    ...(reason ? [`Reason: ${reason}`] : []),
  ];
  const place = `${cinema.address}, ${cinema.postalCode}`;
  return {
    subject: `Your show moved: ${to.movie || show.movie.title}`,
    text: [...lines, '', to.movie, to.when, to.where, place, ''].join('\n'),
  };
}

function mailText(
  kind: Exclude<MailKind, 'moved'>,
  show: Show,
  refund: ClaimedMail['refund'],
  tickets: readonly Ticket[],
): MailText {
  const { movie, cinema, hall } = show;
  const what = [movie.title, whenOf(show), `${cinema.name}, ${hall.name}`, `${cinema.address}, ${cinema.postalCode}`];
  const back = refund === null ? 'What you paid' : formatMoney(refund);
  const seats = tickets.flatMap(({ status, label }) => (status === 'refunded' ? [] : label));
  const write = (subject: string, ...lines: string[]): MailText => ({
    subject: `${subject}: ${movie.title}`,
    text: [...lines, '', ...what, ''].join('\n'),
  });
  switch (kind) {
    case 'booked':
      return write(
        'Your tickets',
        `Your seats: ${seats.join(', ')}. The tickets are attached: show their codes at the entrance, printed or on a screen.`,
      );
    case 'refunded':
      return write('Your refund', `You gave seats back. ${back} goes back to you the way you paid.`);
    case 'calledOff':
      return write(
        'Called off',
        `This show was called off. ${back} goes back to you the way you paid.`,
        ...(show.calledOffReason ? [`Reason: ${show.calledOffReason}`] : []),
      );
    case 'returned':
      return write(
        'Your payment goes back',
        `Your payment came when your seats were no longer held, and they were gone. ${back} goes back to you the way you paid.`,
      );
  }
}
