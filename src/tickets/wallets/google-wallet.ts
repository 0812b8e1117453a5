import { readFile } from 'node:fs/promises';
import type { Show } from '@usher/contract';
import { type CryptoKey, importPKCS8, SignJWT } from 'jose';
import { z } from 'zod';
import { StartError } from '../../common/start-error.js';
import type { Config } from '../../config/config.js';
import type { TicketFace } from '../documents/ticket-face.js';

/** What is needed of the key file that Google gives for a service account. */
const ServiceAccount = z.object({ client_email: z.email(), private_key: z.string() });

/** Where a browser saves what a signed token says. */
const savePage = 'https://pay.google.com/gp/v/save';

const algorithm = 'RS256';

/** Makes links that save a ticket to Google Wallet, signed with the key of a service account; Google is not asked. */
export class GoogleWallet {
  private constructor(
    private readonly issuerId: string,
    private readonly email: string,
    private readonly key: CryptoKey,
  ) {}

  /** @throws StartError when the file cannot be read or is no key of a service account */
  static async open({ issuerId, keyFile }: NonNullable<Config['googleWallet']>): Promise<GoogleWallet> {
    try {
      const account = ServiceAccount.parse(JSON.parse(await readFile(keyFile, 'utf8')));
      return new GoogleWallet(issuerId, account.client_email, await importPKCS8(account.private_key, algorithm));
    } catch (cause) {
      throw new StartError(`GOOGLE_WALLET_KEY: ${keyFile} is no readable key file of a service account.`, { cause });
    }
  }

  /** The address that offers to save a ticket. */
  async link(face: TicketFace, show: Show): Promise<string> {
    const classId = `${this.issuerId}.show-${show.showId}`;
    const payload = {
      eventTicketClasses: [eventClass(classId, face, show)],
      eventTicketObjects: [
        {
          id: `${this.issuerId}.${face.ticketId}`,
          classId,
          state: 'ACTIVE',
          barcode: { type: 'QR_CODE', value: face.code },
          // No more than is needed: what makes a link longer than 2,000 characters, some browsers cut off.
          seatInfo: { section: words(face.section), seat: words(face.seat) },
        },
      ],
    };
    const token = await new SignJWT({ iss: this.email, aud: 'google', typ: 'savetowallet', origins: [], payload })
      .setProtectedHeader({ alg: algorithm, typ: 'JWT' })
      .setIssuedAt()
      .sign(this.key);
    return `${savePage}/${token}`;
  }
}

const words = (value: string) => ({ defaultValue: { language: 'en', value } });

function eventClass(id: string, face: TicketFace, { startsAt, cinema }: Show) {
  return {
    id,
    issuerName: face.cinema,
    reviewStatus: 'UNDER_REVIEW',
    eventName: words(face.title),
    venue: { name: words(face.cinema), address: words(face.address) },
    dateTime: { start: onItsClocks(startsAt, cinema.timeZone) },
  };
}

/** `2031-03-30T21:30:00+02:00`: the wallet shows the time without regard to where the phone is. */
function onItsClocks(instant: string, timeZone: string): string {
  const date = new Date(instant);
  // Sweden writes dates as ISO 8601 does.
  const clock = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(date);
  const parts = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' }).formatToParts(date);
  const offset = parts.find(({ type }) => type === 'timeZoneName')?.value.replace('GMT', '') ?? '';
  return `${clock.replace(' ', 'T')}${offset === '' ? '+00:00' : offset}`;
}
