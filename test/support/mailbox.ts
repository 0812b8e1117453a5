import { once } from 'node:events';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { portOf } from './port-of.js';
import { ChangeSignal, waitForValue } from './wait-for-value.js';

/** Maximum time that a test waits for a mail. */
const deadlineMs = 20_000;

/** A local mail server that keeps all received mails. */
export class TestMailbox {
  readonly mails: ParsedMail[] = [];
  /** Addresses that the server refuses, permanently (550) or temporarily (451). */
  readonly refusals = new Map<string, 550 | 451>();
  /** True while the server refuses every sender. */
  isRefusingSenders = false;
  private readonly arrivals = new ChangeSignal();

  private constructor(private readonly server: SMTPServer) {}

  static async start(): Promise<TestMailbox> {
    const server: SMTPServer = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS', 'AUTH'],
      onMailFrom: (_address, _session, done) => {
        done(box.isRefusingSenders ? Object.assign(new Error('not from you'), { responseCode: 554 }) : null);
      },
      onRcptTo: ({ address }, _session, done) => {
        const responseCode = box.refusals.get(address);
        // Real servers name the address in their refusal.
        done(responseCode && Object.assign(new Error(`no ${address} here`), { responseCode }));
      },
      onData: (stream, _session, done) => {
        simpleParser(stream).then(
          (mail) => {
            box.mails.push(mail);
            done();
            box.arrivals.notify();
          },
          (error: Error) => done(error),
        );
      },
    });
    const box = new TestMailbox(server);
    server.listen(0, '127.0.0.1');
    await once(server.server, 'listening');
    return box;
  }

  get url(): string {
    return `smtp://127.0.0.1:${portOf(this.server.server)}`;
  }

  /** Waits until `count` mails to an address have arrived. Returns them. */
  waitForMails(address: string, count = 1): Promise<ParsedMail[]> {
    const read = () => {
      const found = this.mails.filter(({ to }) => JSON.stringify(to).includes(`"address":"${address}"`));
      return found.length < count ? undefined : found;
    };
    return waitForValue(read, {
      subscribe: this.arrivals.subscribe,
      deadlineMs,
      describe: () => `fewer than ${count} mails to ${address} arrived; all addresses got ${this.mails.length} mails`,
    });
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
    });
  }
}
