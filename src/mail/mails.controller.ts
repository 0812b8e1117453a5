import { Body, Controller, Get, Header, Param, Put, Query, UseGuards } from '@nestjs/common';
import {
  type BookingContact,
  BookingContactBody,
  BookingParams,
  type Mail,
  MailParams,
  MailsQuery,
  type MailWithText,
  type Page,
} from '@usher/contract';
import { validate as isUuid } from 'uuid';
import type { z } from 'zod';
import { createNotFoundError } from '../common/domain-error.js';
import { createInvalidRequestError } from '../common/invalid-request.js';
import {
  AdminKeyGuard,
  type BookingCaller,
  BookingCallerGuard,
  CallerOfBooking,
  Idempotent,
  type KeyHolder,
  KeyHolderOf,
  KeyScoped,
} from '../access/index.js';
import { BookingMailsService } from './booking-mails.service.js';
import { MailWriterService } from './mail-writer.service.js';
import { MailsRepository } from './mails.repository.js';

/** REST calls for mails: buyers set their address, and operators read the mails. */
@Controller('v1')
export class MailsController {
  constructor(
    private readonly bookingMails: BookingMailsService,
    private readonly mails: MailsRepository,
    private readonly writer: MailWriterService,
  ) {}

  @Put('bookings/:bookingId/contact')
  @KeyScoped({ booking: 'params.bookingId' })
  @UseGuards(BookingCallerGuard)
  @Idempotent()
  setBookingContact(
    @CallerOfBooking() caller: BookingCaller,
    @Param({ schema: BookingParams }) { bookingId }: z.output<typeof BookingParams>,
    @Body({ schema: BookingContactBody }) contact: BookingContactBody,
  ): Promise<BookingContact> {
    return this.bookingMails.setContact(caller, bookingId, contact);
  }

  @Get('admin/mails')
  @KeyScoped('filtered')
  @Header('Cache-Control', 'no-store')
  @UseGuards(AdminKeyGuard)
  listMails(
    @KeyHolderOf() holder: KeyHolder,
    @Query({ schema: MailsQuery }) { status, limit, cursor }: z.output<typeof MailsQuery>,
  ): Promise<Page<Mail>> {
    if (cursor !== undefined && !isUuid(cursor)) {
      throw createInvalidRequestError([
        { path: ['cursor'], message: 'belongs to a different list; start again without a cursor' },
      ]);
    }
    return this.mails.list(holder, status ?? null, limit, cursor ?? null);
  }

  @Get('admin/mails/:mailId')
  @KeyScoped('filtered')
  @Header('Cache-Control', 'no-store')
  @UseGuards(AdminKeyGuard)
  async getMail(
    @KeyHolderOf() holder: KeyHolder,
    @Param({ schema: MailParams }) { mailId }: z.output<typeof MailParams>,
  ): Promise<MailWithText> {
    const found = await this.mails.find(holder, mailId);
    if (!found) throw createNotFoundError('mail');
    const subject = { ...found.mail, refund: found.refund, move: found.move, address: null };
    return { ...found.mail, ...(await this.writer.text(subject)) };
  }
}
