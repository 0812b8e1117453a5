import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { MailKind } from '@usher/contract';
import type { Pool } from 'pg';
import { DomainError } from '../common/domain-error.js';
import { failureCode } from '../common/outbound-post.js';
import type { Outcome } from '../database/outbox/outcome.js';
import { PostgresOutboxStore } from '../database/outbox/outbox-store.js';
import type { OutboxTable } from '../database/outbox/outbox-table.js';
import { OutboxWorker } from '../database/outbox/outbox-worker.js';
import type { RetryPolicy } from '../database/outbox/retry-policy.js';
import { PG_POOL } from '../database/pg-pool.js';
import { MAIL_TRANSPORT, type MailTransport } from './mail-transport.js';
import { MailWriterService } from './mail-writer.service.js';
import { type MailTopic, topicColumns } from './mails.repository.js';

/** A mail that this node has claimed. */
export interface ClaimedMail extends MailTopic {
  readonly showId: number;
  readonly mailId: string;
  readonly bookingId: string;
  readonly kind: MailKind;
  readonly address: string;
  readonly attempts: number;
}

const mailTable: OutboxTable<ClaimedMail> = {
  name: 'mail_message',
  key: { show_id: 'showId', mail_id: 'mailId' },
  columns: `t.show_id as "showId", t.mail_id as "mailId", t.booking_id as "bookingId", t.kind, t.address, ${topicColumns}`,
  isPending: "status = 'pending'",
  // An address is personal data, so it is erased as soon as the mail is sent.
  whenDone: { set: "status = 'sent', sent_at = now(), address = null" },
  whenAbandoned: { set: "status = 'failed'" },
  resultColumn: 'last_error',
  canBeReplayed: false,
  receiver: null,
};

/** Retries after 10 s, 30 s, 90 s and so on, and in the end every 6 hours. The 12 attempts span two days. */
const retry: RetryPolicy = {
  backoff: { by: 'attempts', firstDelayMs: 10_000, delayMsMax: 6 * 60 * 60 * 1000, jitter: 0.5 },
  attemptsMax: 12,
};

/** Longer than the longest attempt, which is limited because each step with the mail server has a time limit. */
const leaseMs = 120_000;

const concurrency = 4;

/**
 * Sends the mails of the outbox. If no mail server is configured, the mails stay in the outbox, where operators can
 * read them.
 */
@Injectable()
export class MailWorker implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly worker: OutboxWorker<ClaimedMail>;

  constructor(
    @Inject(PG_POOL) pool: Pool,
    private readonly writer: MailWriterService,
    @Inject(MAIL_TRANSPORT) private readonly transport: MailTransport,
  ) {
    this.worker = new OutboxWorker(
      {
        noun: 'mail',
        store: new PostgresOutboxStore(pool, mailTable),
        handle: (mail) => this.send(mail),
        retry,
        leaseMs,
        concurrency,
        logFields: ({ showId, kind }) => ({ showId, kind }),
      },
      new Logger(MailWorker.name),
    );
  }

  onApplicationBootstrap(): void {
    if (this.transport) this.worker.start();
  }

  async onModuleDestroy(): Promise<void> {
    if (!this.transport) return;
    await this.worker.stop();
    this.transport.close();
  }

  private async send(mail: ClaimedMail): Promise<Outcome> {
    try {
      const [{ subject, text }, attachments] = await Promise.all([
        this.writer.text(mail),
        this.writer.attachments(mail),
      ]);
      const to = { name: '', address: mail.address };
      // Every attempt uses the same message id, so that a mailbox can recognise a second copy.
      await this.transport?.sendMail({ to, subject, text, attachments, messageId: `<${mail.mailId}@usher>` });
      return { type: 'done' };
    } catch (error) {
      // The error must not reach the log, because mail servers repeat the address in their replies.
      return { type: isRefusal(error) ? 'refused' : 'failed', reason: reasonOf(error) };
    }
  }
}

/**
 * SMTP commands that a mail server rejects because of the mail itself. It rejects all other commands because of the
 * sender.
 */
const mailCommands: ReadonlySet<unknown> = new Set(['RCPT TO', 'DATA']);

/**
 * Returns true if a retry would fail in the same way, because the mail server refused the mail (5xx) or the tickets are
 * gone.
 */
function isRefusal(error: unknown): boolean {
  if (error instanceof DomainError) return error.body.status < 500;
  const isAboutMail = error instanceof Error && 'command' in error && mailCommands.has(error.command);
  return isAboutMail && (replyCode(error) ?? 0) >= 500;
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
