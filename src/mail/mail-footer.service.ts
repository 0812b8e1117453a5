import { Inject, Injectable } from '@nestjs/common';
import { toBookingCode, type Show } from '@usher/contract';
import type { Pool } from 'pg';
import { ListenAddress } from '../common/listen-address.js';
import { CONFIG, type Config } from '../config/config.js';
import { PG_POOL } from '../database/pg-pool.js';
import { BookingLinks } from '../access/index.js';
import { BookingRepository } from '../shows/index.js';

const dayMs = 24 * 60 * 60 * 1000;

/**
 * Writes the footer of a mail: the booking's code and a link to the booking's page. With the link, a buyer can open the
 * booking in a browser that does not have the buyer's session.
 */
@Injectable()
export class MailFooterService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(PG_POOL) private readonly pool: Pool,
    private readonly links: BookingLinks,
    private readonly bookings: BookingRepository,
    private readonly ownAddress: ListenAddress,
  ) {}

  /** @param address the mail's receiver. Null if the text is for operators; its link then gives no access */
  async lines(show: Show, bookingId: string, address: string | null): Promise<string[]> {
    const baseUrl = this.config.publicUrl ?? (await this.ownAddress.url());
    const page = `${baseUrl}/bookings/${bookingId}`;
    const token = address === null ? null : await this.token(show, bookingId, address);
    const warning = 'Keep the link to yourself, because it opens this booking without a password.';
    return [
      `Your booking: ${toBookingCode(bookingId)}. The box office finds it by this code.`,
      'See it, print its tickets or give seats back:',
      // The token comes after the `#`, because browsers send that part neither to the server nor to other sites.
      token === null ? page : `${page}#access=${token}`,
      ...(token === null ? [] : [warning]),
    ];
  }

  /** Signs the link's token. Returns null if the buyer has changed the address since the mail was inserted. */
  private async token({ showId, endsAt }: Show, bookingId: string, address: string): Promise<string | null> {
    // The revision is read before the address, so that a change of the address in between also revokes this token.
    const revision = await this.bookings.linkRevision(showId, bookingId);
    const { rowCount } = await this.pool.query(
      'select from booking_contact where show_id = $1 and booking_id = $2 and email = $3',
      [showId, bookingId, address],
    );
    if (rowCount === 0) return null;
    // The buyers' addresses are kept for the same time.
    const expiresAt = new Date(Date.parse(endsAt) + this.config.contactRetentionDays * dayMs);
    return this.links.sign({ bookingId, revision }, expiresAt);
  }
}
