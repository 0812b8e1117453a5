import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

/** How long a test waits for a mail before it fails. */
const deadlineMs = 20_000;

/** A mail server of this machine that keeps what it is given. */
export class TestMailbox {
  readonly mails: ParsedMail[] = [];
  /** Addresses that are refused: for good (550), or for now (451). */
  readonly refusals = new Map<string, 550 | 451>();
  /** Whether it wants nothing of whoever sends. */
  isRefusingSenders = false;
  private readonly waiting = new Set<() => void>();

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
        // As servers do, it says whom it means.
        done(responseCode && Object.assign(new Error(`no ${address} here`), { responseCode }));
      },
      onData: (stream, _session, done) => {
        simpleParser(stream).then(
          (mail) => {
            box.mails.push(mail);
            done();
            for (const look of box.waiting) look();
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
    return `smtp://127.0.0.1:${(this.server.server.address() as AddressInfo).port}`;
  }

  /** The first so many mails to an address, here already or yet to come. */
  waitForMails(address: string, count = 1): Promise<ParsedMail[]> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = this.mails.filter(({ to }) => JSON.stringify(to).includes(`"address":"${address}"`));
        if (found.length < count) return;
        this.waiting.delete(look);
        clearTimeout(timer);
        resolve(found);
      };
      const timer = setTimeout(() => {
        this.waiting.delete(look);
        reject(new Error(`not ${count} mails to ${address}; there are ${this.mails.length} in all`));
      }, deadlineMs);
      this.waiting.add(look);
      look();
    });
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
    });
  }
}
