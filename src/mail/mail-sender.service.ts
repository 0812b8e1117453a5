import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { DomainError } from '../common/domain-error.js';
import { Draining } from '../common/draining.js';
import { failureCode } from '../common/outbound-post.js';
import { type ClaimedMail, MailOutbox } from './mail-outbox.js';
import { MAIL_TRANSPORT, type MailTransport } from './mail-transport.js';
import { MailWriterService } from './mail-writer.service.js';

/** Longer than an attempt can take: the server has a bound for each step. */
const claimMs = 120_000;

const mailsAtOnce = 4;

/** With {@link backoffMs} that spans two days. */
const attemptsMax = 12;

const backoffMsMax = 6 * 60 * 60 * 1000;

/** 10, 30, 90 s … up to six hours, and up to half as much again: those that failed together do not come back together. */
const backoffMs = (attempts: number): number =>
  Math.round(Math.min(backoffMsMax, 10_000 * 3 ** (attempts - 1)) * (1 + Math.random() / 2));

/** Longest pause between two looks at the outbox. */
const lookMsMax = 500;

/** Sends the mails of the outbox, at least once each. Where no mail server is set they stay, for operations to see. */
@Injectable()
export class MailSender implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(MailSender.name);
  private readonly draining: Draining<ClaimedMail>;

  constructor(
    private readonly outbox: MailOutbox,
    private readonly writer: MailWriterService,
    @Inject(MAIL_TRANSPORT) private readonly transport: MailTransport,
  ) {
    this.draining = new Draining({
      claim: (limit) => outbox.claim(limit, claimMs),
      work: (mail) => this.send(mail),
      failed: (error) => this.logger.error({ err: error }, 'what became of a mail could not be written down'),
      blind: (error) => this.logger.error({ err: error }, 'mails could not be looked for'),
      atOnce: mailsAtOnce,
      lookMsMax,
    });
  }

  onApplicationBootstrap(): void {
    if (this.transport) this.draining.start();
  }

  async onModuleDestroy(): Promise<void> {
    if (!this.transport) return;
    await this.draining.stop();
    this.transport.close();
  }

  private async send(mail: ClaimedMail): Promise<void> {
    try {
      const [{ subject, text }, attachments] = await Promise.all([this.writer.text(mail), this.writer.files(mail)]);
      // The same however often it is sent, so that a mailbox can tell a second copy.
      const messageId = `<${mail.mailId}@usher>`;
      await this.transport?.sendMail({
        to: { name: '', address: mail.address },
        subject,
        text,
        attachments,
        messageId,
      });
    } catch (error) {
      await this.failed(mail, error);
      return;
    }
    await this.outbox.sent(mail);
  }

  private async failed(mail: ClaimedMail, error: unknown): Promise<void> {
    const { showId, kind, attempts } = mail;
    const reason = reasonOf(error);
    const isFinal = isRefused(error) || attempts >= attemptsMax;
    // Not the error itself: servers repeat the address in what they say.
    if (isFinal) this.logger.warn({ showId, kind, attempts, reason }, 'a mail could not be sent');
    await this.outbox.failed(mail, reason, isFinal ? null : backoffMs(attempts));
  }
}

/** Where a mail server refuses the mail; elsewhere it refuses us, which does not last. */
const commandsOfMail: ReadonlySet<unknown> = new Set(['RCPT TO', 'DATA']);

/** The same again would be refused again: by the mail server (5xx), or as there are no tickets to send any more. */
function isRefused(error: unknown): boolean {
  if (error instanceof DomainError) return error.body.status < 500;
  const isOfMail = error instanceof Error && 'command' in error && commandsOfMail.has(error.command);
  return isOfMail && (replyCode(error) ?? 0) >= 500;
}

function reasonOf(error: unknown): string {
  if (error instanceof DomainError) return error.body.code;
  const code = replyCode(error);
  return code === null ? failureCode(error) : String(code);
}

function replyCode(error: unknown): number | null {
  return error instanceof Error && 'responseCode' in error && typeof error.responseCode === 'number'
    ? error.responseCode
    : null;
}
