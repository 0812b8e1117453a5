import type { PushPayload } from '@usher/contract';
import pg from 'pg';

/** Maximum time that a test waits for a change to the outbox. */
const deadlineMs = 15_000;

/** An event to push. By default it is an offer that is valid for a minute. */
export interface PushEvent {
  readonly sessionId: string;
  readonly showId?: number;
  readonly type?: PushPayload['type'];
  readonly bookingId?: string | null;
  readonly expiresInMs?: number | null;
  /** Time until the first attempt. */
  readonly dueInMs?: number;
  readonly attempts?: number;
}

/** The push outbox of a database. Inserts rows as the lane does, and waits for changes through `NOTIFY`. */
export class TestOutbox {
  private constructor(private readonly client: pg.Client) {}

  static async open(databaseUrl: string): Promise<TestOutbox> {
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    await client.query(`
      create or replace function notify_of_push() returns trigger language plpgsql as
        $$ begin notify push_changed; return null; end $$;
      create or replace trigger notify_of_push after update or delete on push_message
        for each statement execute function notify_of_push();
      listen push_changed`);
    return new TestOutbox(client);
  }

  /** Inserts one message per subscription of each event's session. */
  async add(...events: PushEvent[]): Promise<void> {
    await this.client.query(
      `insert into push_message (show_id, session_id, endpoint_hash, type, booking_id, expires_at, due_at, attempts)
       select e."showId", s.session_id, s.endpoint_hash, e.type, e."bookingId",
         now() + e."expiresInMs" * interval '1 ms', now() + e."dueInMs" * interval '1 ms', e.attempts
       from jsonb_to_recordset($1) as e ("sessionId" uuid, "showId" int, type text, "bookingId" uuid,
         "expiresInMs" int, "dueInMs" int, attempts int)
       join push_subscription s on s.session_id = e."sessionId"`,
      [JSON.stringify(events.map((event) => ({ ...plain, ...event })))],
    );
  }

  /** Returns the numbers of messages and subscriptions. */
  async countRows(): Promise<{ messages: number; subscriptions: number }> {
    const { rows } = await this.client.query<{ messages: number; subscriptions: number }>(
      `select (select count(*)::int from push_message) as messages,
         (select count(*)::int from push_subscription) as subscriptions`,
    );
    return rows[0]!;
  }

  /** Waits until the outbox has exactly `messages` messages. */
  async waitForMessageCount(messages: number): Promise<void> {
    const changes = new Changes(this.client);
    try {
      while ((await this.countRows()).messages !== messages) await changes.next();
    } finally {
      changes.end();
    }
  }

  async close(): Promise<void> {
    await this.client.end();
  }
}

const plain = {
  showId: 1,
  type: 'queue:offer',
  bookingId: null,
  expiresInMs: 60_000,
  dueInMs: 0,
  attempts: 0,
};

/** Waits for changes to the outbox. Remembers a change that comes while no test waits. */
class Changes {
  private seen = false;
  private wake: () => void = () => undefined;
  private readonly onNotification = () => {
    this.seen = true;
    this.wake();
  };
  private readonly deadline = AbortSignal.timeout(deadlineMs);

  constructor(private readonly client: pg.Client) {
    client.on('notification', this.onNotification);
  }

  async next(): Promise<void> {
    if (!this.seen) {
      await new Promise<void>((resolve, reject) => {
        this.wake = resolve;
        this.deadline.addEventListener('abort', () =>
          reject(new Error(`the outbox did not change within ${deadlineMs} ms`)),
        );
      });
    }
    this.seen = false;
  }

  end(): void {
    this.client.off('notification', this.onNotification);
  }
}
