import { createTransport, type Transporter } from 'nodemailer';
import type { Config } from '../config/config.js';

/** Nest's token for the {@link MailTransport}. */
export const MAIL_TRANSPORT = Symbol('MailTransport');

/** The mail server; null where none is set, and mails are kept. */
export type MailTransport = Transporter | null;

/** Longest that the server may take for one step. */
const stepMsMax = 10_000;

export function mailTransport({ smtpUrl, mailFrom }: Config): MailTransport {
  if (smtpUrl === null) return null;
  const limits = { connectionTimeout: stepMsMax, greetingTimeout: stepMsMax, socketTimeout: stepMsMax };
  // No file and no address of a mail comes from outside, and none may.
  const safe = { disableFileAccess: true, disableUrlAccess: true };
  return createTransport({ url: smtpUrl, pool: true, maxConnections: 2, ...limits, ...safe }, { from: mailFrom });
}
