import { Inject, Injectable } from '@nestjs/common';
import { toBookingCode, type Show } from '@usher/contract';
import type { Pool } from 'pg';
import { ListenAddress } from '../common/listen-address.js';
import { CONFIG, type Config } from '../config/config.js';
import { PG_POOL } from '../database/pg-pool.js';
import { BookingLinks } from '../access/index.js';
import { BookingRepository } from '../shows/index.js';
import type { ClaimedMail } from './mail-outbox.js';

/** How long after a show the links to its bookings are valid. Its buyers' addresses are kept for as long. */
const linkDaysAfterShow = 30;

/** How a buyer whose browser has lost the session comes back to the booking: its code and a link to its page. */
@Injectable()
export class WayBackService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(PG_POOL) private readonly pool: Pool,
    private readonly links: BookingLinks,
    private readonly bookings: BookingRepository,
    private readonly ownAddress: ListenAddress,
  ) {}

  /**
   * The lines that close a mail.
   *
   * @param address where the mail goes. Null: the text is shown to operations, so the link in it gives no access
   */
  async lines(show: Show, bookingId: string, address: ClaimedMail['address'] | null): Promise<string[]> {
    const baseUrl = this.config.publicUrl ?? (await this.ownAddress.url());
    const page = `${baseUrl}/bookings/${bookingId}`;
    const token = address === null ? null : await this.token(show, bookingId, address);
    const whose = 'Keep the link to yourself, because it opens this booking without a password.';
    return [
      `Your booking: ${toBookingCode(bookingId)}. The box office finds it by this code.`,
      'See it, print its tickets or give seats back:',
      // Behind a hash, because browsers send that part neither to the server nor to other sites.
      token === null ? page : `${page}#access=${token}`,
      ...(token === null ? [] : [whose]),
    ];
  }

  /** The link's token; null if the buyer has another address by now. */
  private async token({ showId, endsAt }: Show, bookingId: string, address: string): Promise<string | null> {
    // Read before the address: if the buyer changes the address in between, the link is revoked already.
    const revision = await this.bookings.linkRevision(showId, bookingId);
    const { rowCount } = await this.pool.query(
      'select from booking_contact where show_id = $1 and booking_id = $2 and email = $3',
      [showId, bookingId, address],
    );
    if (rowCount === 0) return null;
    const expiresAt = new Date(Date.parse(endsAt) + linkDaysAfterShow * 24 * 60 * 60 * 1000);
    return this.links.sign({ bookingId, revision }, expiresAt);
  }
}
