import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { PushPayload } from '@usher/contract';
import type { Pool, PoolClient } from 'pg';
import { PG_POOL } from '../database/pg-pool.js';
import { type CalledOff, type FollowedChange, LogFollowers, type TermsChanged } from '../shows/index.js';
/** Fields that matter to those who have seats or want some: when, where and what the show plays. */
const planFields = ['startsAt', 'hallId', 'movieId'] as const;

/** Fields that matter only to those who still want seats. */
const saleFields = ['prices', 'currency', 'saleOpensAt', 'saleClosesAt'] as const;

/** Sessions that have seats of a show, paid or held. `$1` show. */
const withSeats = `select session_id from booking where show_id = $1 and status in ('reserved', 'booked')`;

/** Sessions that stand in one of its lines. */
const inLine = 'select session_id from waiter where show_id = $1 and waits';

/**
 * Sessions whose seats or places a call-off ends. It may have ended some of them already: their bookings have a version
 * after the call-off's `$3`, and the line's chain has their end at or after its time `$4`, in ms since 1970.
 */
const concernedByCallOff = `${withSeats} union ${inLine}
  union select session_id from booking
    where show_id = $1 and status in ('released', 'refunded') and version > $3
  union select w.session_id from line_event e
    join waiter w on w.show_id = e.show_id and w.line = e.line and w.ticket = e.ticket
    where e.show_id = $1 and e.kind = 'expire' and e.at >= timestamptz 'epoch' + $4 * interval '1 ms'`;

/** Pushes changes of a show's terms to those who are not looking: buyers with seats and people in line. */
@Injectable()
export class PushEvents implements OnModuleInit {
  constructor(
    @Inject(PG_POOL) private readonly pool: Pool,
    private readonly logs: LogFollowers,
  ) {}

  onModuleInit(): void {
    this.logs.follow({
      name: 'push',
      types: ['termsChanged', 'calledOff'],
      isWanted: async () => ((await this.pool.query('select from push_subscription limit 1')).rowCount ?? 0) > 0,
      take: async (client, showId, changes) => {
        for (const followed of changes) await take(client, showId, followed);
      },
    });
  }
}

async function take(client: PoolClient, showId: number, { at, versionBefore, change }: FollowedChange): Promise<void> {
  if (change.type === 'calledOff') await pushCallOff(client, showId, change, versionBefore, at);
  if (change.type === 'termsChanged') await pushChange(client, showId, change, at);
}

async function pushChange(client: PoolClient, showId: number, { before = {} }: TermsChanged, at: number) {
  const has = (field: string) => Object.hasOwn(before, field);
  if (planFields.some(has)) await push(client, 'show:moved', `${withSeats} union ${inLine}`, [showId, at]);
  else if (saleFields.some(has)) await push(client, 'show:changed', inLine, [showId, at]);
}

const pushCallOff = (client: PoolClient, showId: number, _: CalledOff, versionBefore: number, at: number) =>
  push(client, 'show:calledOff', concernedByCallOff, [showId, at, versionBefore, at]);

/**
 * Writes a message for each browser of some sessions that was subscribed when it happened.
 *
 * @param values of the statement that selects the sessions, `$1` show and `$2` when it happened among them
 */
async function push(client: PoolClient, type: PushPayload['type'], sessions: string, values: readonly unknown[]) {
  await client.query(
    `insert into push_message (show_id, session_id, endpoint_hash, type, expires_at)
     select $1, s.session_id, s.endpoint_hash, '${type}', show.ends_at from push_subscription s, show
     where show.id = $1 and s.made_at <= timestamptz 'epoch' + $2::float8 * interval '1 ms'
       and s.session_id in (${sessions})`,
    [...values],
  );
}
