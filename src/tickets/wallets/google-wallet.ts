import { readFile } from 'node:fs/promises';
import type { Show } from '@usher/contract';
import { type CryptoKey, importPKCS8, SignJWT } from 'jose';
import { z } from 'zod';
import { StartError } from '../../common/start-error.js';
import type { Config } from '../../config/config.js';
import type { TicketFace } from '../documents/ticket-face.js';

/** The fields that are read from the key file of a Google service account. */
const ServiceAccount = z.object({ client_email: z.email(), private_key: z.string() });

/** Google's page that saves the ticket in a signed token to the user's wallet. */
const savePage = 'https://pay.google.com/gp/v/save';

const algorithm = 'RS256';

/**
 * Creates links that save a ticket to Google Wallet. The key of a service account signs each link, so the service sends no
 * request to Google.
 */
export class GoogleWallet {
  private constructor(
    private readonly issuerId: string,
    private readonly email: string,
    private readonly key: CryptoKey,
  ) {}

  /** Reads the key file. @throws StartError if the file cannot be read or is not a key of a service account */
  static async open({ issuerId, keyFile }: NonNullable<Config['googleWallet']>): Promise<GoogleWallet> {
    try {
      const account = ServiceAccount.parse(JSON.parse(await readFile(keyFile, 'utf8')));
      return new GoogleWallet(issuerId, account.client_email, await importPKCS8(account.private_key, algorithm));
    } catch (cause) {
      throw new StartError(
        `GOOGLE_WALLET_KEY: ${keyFile} cannot be read, or is not the key file of a service account.`,
        { cause },
      );
    }
  }

  /** Returns the address of Google's page that offers to save the ticket. */
  async createLink(face: TicketFace, show: Show): Promise<string> {
    const classId = `${this.issuerId}.show-${show.showId}`;
    const payload = {
      eventTicketClasses: [createEventClass(classId, face, show)],
      eventTicketObjects: [
        {
          id: `${this.issuerId}.${face.ticketId}`,
          classId,
          state: 'ACTIVE',
          barcode: { type: 'QR_CODE', value: face.code },
          // The pass has no other fields, because some browsers cut off a link after 2,000 characters.
          seatInfo: { section: localizedString(face.section), seat: localizedString(face.seat) },
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

const localizedString = (value: string) => ({ defaultValue: { language: 'en', value } });

function createEventClass(id: string, face: TicketFace, { startsAt, cinema }: Show) {
  return {
    id,
    issuerName: face.cinema,
    reviewStatus: 'UNDER_REVIEW',
    eventName: localizedString(face.title),
    venue: { name: localizedString(face.cinema), address: localizedString(face.address) },
    dateTime: { start: toLocalIso(startsAt, cinema.timeZone) },
  };
}

/**
 * Formats an instant in the cinema's time zone, for example `2031-03-30T21:30:00+02:00`. The wallet shows this local
 * time regardless of the phone's time zone.
 */
function toLocalIso(instant: string, timeZone: string): string {
  const date = new Date(instant);
  // The Swedish locale writes dates in the format of ISO 8601.
  const localTime = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(
    date,
  );
  const parts = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' }).formatToParts(date);
  const offset = parts.find(({ type }) => type === 'timeZoneName')?.value.replace('GMT', '') ?? '';
  return `${localTime.replace(' ', 'T')}${offset === '' ? '+00:00' : offset}`;
}
