import { createHmac, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Pool, PoolClient } from 'pg';
import { DomainError } from '../common/domain-error.js';
import { CONFIG, type Config, type MailLimit } from '../config/config.js';
import { DatabaseSecrets } from '../database/database-secrets.js';
import { PG_POOL } from '../database/pg-pool.js';
import { toEpochMs } from '../database/sql-time.js';
import type { BookingCaller } from '../access/index.js';
import { normalizedAddress } from './normalized-address.js';

const hourMs = 60 * 60 * 1000;
const dayMs = 24 * hourMs;

/** A mail address or a caller whose calls are counted. */
interface Counted {
  readonly digest: string;
  readonly limit: MailLimit;
  /** Completes the sentence "Tickets may be mailed to …". */
  readonly noun: string;
}

interface Counts {
  readonly digest: string;
  readonly inHour: number;
  readonly inDay: number;
  /** Begin of the current hour and of the oldest counted hour, and the database's clock, in ms since 1970. */
  readonly hour: number;
  readonly oldestHour: number;
  readonly now: number;
}

/**
 * `$1` digests. Inserts them in their order, so that two calls cannot deadlock. The row of the current hour stays locked
 * until the call's transaction ends, so simultaneous calls are counted one after another.
 */
const addCalls = `insert into mail_count (digest, hour, calls)
  select digest, date_trunc('hour', now(), 'UTC'), 1 from unnest($1::text[]) digest order by digest
  on conflict (digest, hour) do update set calls = mail_count.calls + 1`;

/** `$1` digests. */
const readCounts = `select digest, sum(calls)::int as "inDay", ${toEpochMs('min(hour)')} as "oldestHour",
    coalesce(sum(calls) filter (where hour = date_trunc('hour', now(), 'UTC')), 0)::int as "inHour",
    ${toEpochMs("date_trunc('hour', now(), 'UTC')")} as hour, ${toEpochMs('now()')} as now
  from mail_count where digest = any ($1::text[]) and hour > now() - interval '1 day' group by digest`;

/**
 * Limits how often a mail address may be set for bookings, because each such call can cause a mail to an address that
 * nobody has verified. The calls are counted per mailbox, per caller and per network address, in the database, so for all
 * nodes together.
 */
@Injectable()
export class MailLimits {
  private key: Promise<string> | null = null;

  constructor(
    @Inject(PG_POOL) private readonly pool: Pool,
    @Inject(CONFIG) private readonly config: Config,
    private readonly secrets: DatabaseSecrets,
  ) {}

  /**
   * Counts a call that sets an address. Callers with an API key, such as a kiosk, have no limit of their own, because
   * they set the addresses of many buyers.
   *
   * @param client a connection whose open transaction sets the address. If the transaction fails, the call does not
   *   count.
   * @throws DomainError `RATE_LIMITED`
   */
  async count(client: PoolClient, caller: BookingCaller, address: string): Promise<void> {
    const key = await this.hashKey();
    const digestOf = (name: string) => createHmac('sha256', key).update(name).digest('hex');
    const mailbox = {
      digest: digestOf(`address ${normalizedAddress(address)}`),
      limit: this.config.mailsPerAddress,
      noun: 'this address',
    };
    const ofCaller = namesOf(caller).map(({ name, limit, noun }) => ({
      digest: digestOf(name),
      limit: this.config[limit],
      noun,
    }));
    const counted: Counted[] = [mailbox, ...ofCaller];
    const digests = counted.map(({ digest }) => digest);
    await client.query(addCalls, [digests]);
    const { rows } = await client.query<Counts>(readCounts, [digests]);
    for (const one of counted) {
      const counts = rows.find(({ digest }) => digest === one.digest);
      if (counts) requireWithin(one, counts);
    }
  }

  /** Deletes counters that no longer matter. */
  async deleteOld(): Promise<void> {
    await this.pool.query(`delete from mail_count where hour < now() - interval '25 hours'`);
  }

  private hashKey(): Promise<string> {
    this.key ??= this.secrets
      .get('mail-count-key', () => randomBytes(32).toString('hex'))
      .catch((error: unknown) => {
        this.key = null; // The next caller tries again.
        throw error;
      });
    return this.key;
  }
}

/** A name under which the calls of a caller are counted. */
interface CallerName {
  readonly name: string;
  readonly limit: 'mailsPerCaller' | 'mailsPerNetwork';
  readonly noun: string;
}

/**
 * Returns the names under which a caller's calls are counted: its own, and that of its network address. Returns none for
 * callers without limits of their own.
 */
function namesOf(caller: BookingCaller): CallerName[] {
  const isBuyer = caller.by === 'link' || (caller.by === 'session' && !caller.hasApiKey);
  if (!isBuyer) return [];
  const name = caller.by === 'link' ? `booking ${caller.link.bookingId}` : `session ${caller.sessionId}`;
  const { source } = caller;
  return [
    { name, limit: 'mailsPerCaller', noun: 'other addresses' },
    ...(source === undefined
      ? []
      : [{ name: `network ${source}`, limit: 'mailsPerNetwork', noun: 'other addresses from your network' } as const]),
  ];
}

function requireWithin({ limit, noun }: Counted, { inHour, inDay, hour, oldestHour, now }: Counts): void {
  const isDayOver = inDay > limit.dayMax;
  if (!isDayOver && inHour <= limit.hourMax) return;
  const [max, period] = isDayOver ? [limit.dayMax, 'day'] : [limit.hourMax, 'hour'];
  const freeAt = isDayOver ? oldestHour + dayMs : hour + hourMs;
  const detail = `Tickets may be mailed to ${noun} ${max} times per ${period}. The address was not set.`;
  throw new DomainError('RATE_LIMITED', detail, { retryAfterMs: Math.max(1000, Math.ceil(freeAt - now)) });
}
