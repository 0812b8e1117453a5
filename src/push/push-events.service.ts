import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { PushPayload } from '@usher/contract';
import type { Pool, PoolClient } from 'pg';
import { PG_POOL } from '../database/pg-pool.js';
import { type ConsumedChange, LogConsumers, type TermsChanged } from '../shows/index.js';

/** Time, hall and movie of a show. Changes to these fields matter to buyers with seats and to waiters. */
const planFields = ['startsAt', 'hallId', 'movieId'] as const;

/** Terms of the sale. Changes to these fields matter only to waiters, who have no seats yet. */
const saleFields = ['prices', 'currency', 'saleOpensAt', 'saleClosesAt'] as const;

/** SQL for the sessions that have booked or held seats of a show. `$1` is the show. */
const sessionsWithSeats = `select session_id from booking where show_id = $1 and status in ('reserved', 'booked')`;

/** SQL for the sessions that wait in a line of the show. */
const sessionsInLine = 'select session_id from waiter where show_id = $1 and waits';

/**
 * SQL for the sessions that lose seats or places because the show is called off. The call-off may already have ended
 * some of these bookings and places. Such a booking has a version after `$3`, the version before the call-off. The end
 * of such a place in line was logged at or after `$4`, the time of the call-off in ms since 1970.
 */
const sessionsOfCallOff = `${sessionsWithSeats} union ${sessionsInLine}
  union select session_id from booking
    where show_id = $1 and status in ('released', 'refunded') and version > $3
  union select w.session_id from line_event e
    join waiter w on w.show_id = e.show_id and w.line = e.line and w.line_ticket = e.line_ticket
    where e.show_id = $1 and e.kind = 'expire' and e.at >= timestamptz 'epoch' + $4 * interval '1 ms'`;

/** Inserts push messages about changed and called-off shows, for buyers with seats and for waiters. */
@Injectable()
export class PushEvents implements OnModuleInit {
  constructor(
    @Inject(PG_POOL) private readonly pool: Pool,
    private readonly logs: LogConsumers,
  ) {}

  onModuleInit(): void {
    this.logs.register({
      name: 'push',
      types: ['termsChanged', 'calledOff'],
      hasRecipients: async () => ((await this.pool.query('select from push_subscription limit 1')).rowCount ?? 0) > 0,
      consume: async (client, showId, changes) => {
        for (const change of changes) await insertMessages(client, showId, change);
      },
    });
  }
}

async function insertMessages(
  client: PoolClient,
  showId: number,
  { at, versionBefore, change }: ConsumedChange,
): Promise<void> {
  if (change.type === 'calledOff') await insertCallOff(client, showId, versionBefore, at);
  if (change.type === 'termsChanged') await insertTermsChange(client, showId, change, at);
}

async function insertTermsChange(client: PoolClient, showId: number, { before = {} }: TermsChanged, at: number) {
  const has = (field: string) => Object.hasOwn(before, field);
  if (planFields.some(has))
    await insert(client, 'show:moved', `${sessionsWithSeats} union ${sessionsInLine}`, [showId, at]);
  else if (saleFields.some(has)) await insert(client, 'show:changed', sessionsInLine, [showId, at]);
}

const insertCallOff = (client: PoolClient, showId: number, versionBefore: number, at: number) =>
  insert(client, 'show:calledOff', sessionsOfCallOff, [showId, at, versionBefore, at]);

/**
 * Inserts one message for each push subscription that the sessions had before the event.
 *
 * @param sessions SQL that selects the sessions
 * @param values parameters of the SQL. `$1` is the show, and `$2` is the time of the event
 */
async function insert(client: PoolClient, type: PushPayload['type'], sessions: string, values: readonly unknown[]) {
  await client.query(
    `insert into push_message (show_id, session_id, endpoint_hash, type, expires_at)
     select $1, s.session_id, s.endpoint_hash, '${type}', show.ends_at from push_subscription s, show
     where show.id = $1 and s.made_at <= timestamptz 'epoch' + $2::float8 * interval '1 ms'
       and s.session_id in (${sessions})`,
    [...values],
  );
}
