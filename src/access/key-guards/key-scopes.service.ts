import { Inject, Injectable } from '@nestjs/common';
import { Id, IdParam, Uuid } from '@usher/contract';
import type { Pool } from 'pg';
import { DomainError } from '../../common/domain-error.js';
import { createInvalidRequestError } from '../../common/invalid-request.js';
import { PG_POOL } from '../../database/pg-pool.js';
import type { KeyTarget, PlaceKind } from './key-rule.js';
import { coversCinema, coversShow, isUnlimited, type KeyScope } from '../api-keys/key-scope.js';

/** The parts of a call in which it can name a place. */
export interface CallParts {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

interface FoundPlace {
  /** Null for a hall. */
  readonly showId: number | null;
  readonly cinemaId: number;
}

/** SQL statements that find the show and the cinema of a place. `$1` is the id of the place. */
const placeStatements = {
  hall: `select null::int as "showId", cinema_id as "cinemaId" from hall where id = $1::bigint`,
  show: `select show.id as "showId", hall.cinema_id as "cinemaId"
    from show join hall on hall.id = show.hall_id where show.id = $1::bigint`,
  booking: `select show.id as "showId", hall.cinema_id as "cinemaId" from booking
    join show on show.id = booking.show_id join hall on hall.id = show.hall_id where booking.booking_id = $1`,
} as const satisfies Partial<Record<PlaceKind, string>>;

/** Checks that what a call concerns is in the scope of its API key. */
@Injectable()
export class KeyScopes {
  constructor(@Inject(PG_POOL) private readonly pool: Pool) {}

  /**
   * Checks all places that a call names.
   *
   * @throws DomainError `FORBIDDEN` if a place is not in the scope, `INVALID_REQUEST` if an id is malformed
   */
  async requireTarget(scope: KeyScope, target: KeyTarget, call: CallParts): Promise<void> {
    if (isUnlimited(scope) || target === 'filtered') return;
    if (target === 'service') throw outOfScope('This call concerns the whole service.');
    for (const kind of ['cinema', 'hall', 'show', 'booking'] as const) {
      const field = target[kind];
      const id = field === undefined ? undefined : readId(kind, field, call);
      if (id !== undefined) await this.requirePlace(scope, kind, id);
    }
  }

  /** Checks one place. A place that does not exist passes, so that the handler can refuse it. @throws DomainError `FORBIDDEN` */
  async requirePlace(scope: KeyScope, kind: PlaceKind, id: number | string): Promise<void> {
    if (isUnlimited(scope)) return;
    if (kind === 'cinema') {
      if (!coversCinema(scope, Number(id))) throw outOfScope('This call concerns another cinema.');
      return;
    }
    const place = await this.findPlace(kind, id);
    if (place === null) return;
    const { showId, cinemaId } = place;
    const isCovered = showId === null ? coversCinema(scope, cinemaId) : coversShow(scope, { showId, cinemaId });
    if (!isCovered) throw outOfScope(`This call concerns a ${kind} of another cinema or another show.`);
  }

  /** Returns true if a show is in the scope. A show that does not exist is only in a scope without limits. */
  async containsShow(scope: KeyScope, showId: number): Promise<boolean> {
    if (isUnlimited(scope)) return true;
    const place = await this.findPlace('show', showId);
    return place !== null && coversShow(scope, { showId, cinemaId: place.cinemaId });
  }

  private async findPlace(kind: keyof typeof placeStatements, id: number | string): Promise<FoundPlace | null> {
    const statement = { name: `key-scope-${kind}`, text: placeStatements[kind], values: [id] };
    const { rows } = await this.pool.query<FoundPlace>(statement);
    return rows[0] ?? null;
  }
}

const outOfScope = (problem: string): DomainError<'FORBIDDEN'> =>
  new DomainError('FORBIDDEN', `${problem} The API key or the operator is limited to some cinemas or to one show.`, {});

/**
 * Reads an id before the schema of the handler validates the call. A malformed id is refused here, because an id that
 * only the handler understands would not be checked.
 */
function readId(kind: PlaceKind, field: string, call: CallParts): number | string | undefined {
  const [part = '', name = ''] = field.split('.');
  const fields: unknown = Reflect.get(call, part);
  const value: unknown = typeof fields === 'object' && fields !== null ? Reflect.get(fields, name) : undefined;
  if (value === undefined) return undefined;
  const schema = kind === 'booking' ? Uuid : part === 'body' ? Id : IdParam;
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  throw createInvalidRequestError(read.error.issues.map((issue) => ({ ...issue, path: [name, ...issue.path] })));
}
