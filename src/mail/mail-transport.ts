import { createTransport, type Transporter } from 'nodemailer';
import type { Config } from '../config/config.js';

/** Nest's token for the {@link MailTransport}. */
export const MAIL_TRANSPORT = Symbol('MailTransport');

/** The connection to the mail server. Null if no mail server is configured. Mails then stay in the outbox. */
export type MailTransport = Transporter | null;

/** Time limit for each step of a conversation with the mail server. */
const stepMsMax = 10_000;

export function createMailTransport({ smtpUrl, mailFrom }: Config): MailTransport {
  if (smtpUrl === null) return null;
  const limits = { connectionTimeout: stepMsMax, greetingTimeout: stepMsMax, socketTimeout: stepMsMax };
  // Attachments are always buffers, so nodemailer never needs to read a file or a URL.
  const isolation = { disableFileAccess: true, disableUrlAccess: true };
  return createTransport({ url: smtpUrl, pool: true, maxConnections: 2, ...limits, ...isolation }, { from: mailFrom });
}
