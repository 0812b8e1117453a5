import { afterAll, beforeAll, expect } from '@jest/globals';
import type { ApiKeyMade, Booking } from '@usher/contract';
import { adminKey, makeKey } from './api-keys.js';
import { book } from './book-seats.js';
import { type FileApp, setUpApp } from './file-app.js';
import { TestMailbox } from './mailbox.js';
import { type RestAnswer, RestCaller } from './rest.js';
import { makeShow } from './show.js';

/** The public address of the service. All links in its mails begin with this address. */
export const publicUrl = 'https://seats.example.com';

const rules = { refunds: { deadlineMinutes: 60, feeAmount: 0 } };

/** A booking whose buyer was mailed a link to it. */
export interface MailedBooking {
  readonly booking: Booking;
  readonly email: string;
  /** The access token of the link. */
  readonly token: string;
  /** The path of the booking in the REST API. */
  readonly path: string;
}

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
export const withKey = ({ key }: ApiKeyMade) => ({ 'x-api-key': key });

/** Waits until `mails` mails to an address have arrived. Returns the access token of the link in the newest one. */
export async function readLinkToken(
  mailbox: TestMailbox,
  email: string,
  { bookingId }: Booking,
  mails = 1,
): Promise<string> {
  const text = (await mailbox.waitForMails(email, mails)).at(-1)!.text ?? '';
  const [, id, token] = new RegExp(`${publicUrl}/bookings/(\\S+)#access=(\\S+)`).exec(text) ?? [];
  expect(id).toBe(bookingId);
  return token ?? '';
}

/** A service that mails links to bookings, with a buyer and the keys of staff and of a kiosk. */
export class MailedBookings {
  private buyerCaller: RestCaller | null = null;
  private keys: { readonly staff: ApiKeyMade; readonly kiosk: ApiKeyMade } | null = null;
  private addressCount = 0;

  constructor(
    readonly app: FileApp,
    private readonly getMailbox: () => TestMailbox,
  ) {}

  async prepare(): Promise<void> {
    const { url } = this.app;
    this.buyerCaller = await RestCaller.begin(url);
    this.keys = { staff: await makeKey(url, { roles: ['staff'] }), kiosk: await makeKey(url, { roles: ['kiosk'] }) };
  }

  get mailbox(): TestMailbox {
    return this.getMailbox();
  }

  get buyer(): RestCaller {
    return this.buyerCaller!;
  }

  get staff(): ApiKeyMade {
    return this.keys!.staff;
  }

  get kiosk(): ApiKeyMade {
    return this.keys!.kiosk;
  }

  /** Sends a request without a session token. */
  readonly callWithoutSession = async (
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: unknown,
  ): Promise<RestAnswer> => {
    const answer = await fetch(this.app.url + path, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    const isJson = /json/.test(answer.headers.get('content-type') ?? '');
    return { status: answer.status, headers: answer.headers, body: isJson ? JSON.parse(text) : {} };
  };

  /** Books seats and sets the buyer's address, so that the service mails a link to the booking. */
  readonly bookAndMail = async (seats = [0, 1], startsAt?: Date): Promise<MailedBooking> => {
    const showId = await makeShow(this.app.pool, { rules, ...(startsAt && { startsAt }) });
    const booking = await book(this.app.pool, this.buyer, showId, seats);
    const email = `buyer-${++this.addressCount}@example.com`;
    const path = `/v1/bookings/${booking.bookingId}`;
    await this.buyer.call('PUT', `${path}/contact`, { email });
    return { booking, email, token: await readLinkToken(this.mailbox, email, booking), path };
  };
}

/** Before the first test of a file, starts a mail server and a service that mails links to bookings. */
export function setUpMailedBookings(): MailedBookings {
  let mailbox: TestMailbox;
  beforeAll(async () => {
    mailbox = await TestMailbox.start();
  });
  const app = setUpApp({
    env: () => ({ ADMIN_API_KEY: adminKey, SMTP_URL: mailbox.url, PUBLIC_URL: publicUrl }),
  });
  const bookings = new MailedBookings(app, () => mailbox);
  beforeAll(() => bookings.prepare());
  afterAll(() => mailbox.close());
  return bookings;
}
