import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import {
  findAmountProblems,
  findSaleProblems,
  type ShowBody,
  type ShowPatch,
  type Show as ShowRead,
  listTiers,
} from '@usher/contract';
import { getAmountStep } from '../../common/amount-steps.js';
import { createInvalidRequestError } from '../../common/invalid-request.js';
import { CONFIG, type Config } from '../../config/config.js';
import { CatalogService } from '../catalog.service.js';
import { Hall } from '../entities/hall.js';
import { type AuditCaller, onceByOrm } from '../../access/index.js';
import { Layout } from '../entities/layout.js';
import { Movie } from '../entities/movie.js';
import { Show, type WaitingRoom } from '../entities/show.js';
import { ShowCatalogRepository } from '../show-catalog.repository.js';
import { found } from './found.js';
import { recordCatalogChange } from './record-catalog-change.js';

/** A change to a show's movie, hall or time. */
export type Planned = Pick<ShowPatch, 'movieId' | 'hallId' | 'startsAt'>;

/** The planned values of a show in the form that its lane accepts. Times are in ms since 1970. */
export interface PlannedShow {
  readonly movieId?: number;
  readonly hallId?: number;
  readonly startsAt?: number;
  readonly durationMs?: number;
}

/** Creates shows. After a show has been created, only its lane changes it. */
@Injectable()
export class ShowsAdministration {
  constructor(
    private readonly em: EntityManager,
    private readonly catalog: CatalogService,
    private readonly repository: ShowCatalogRepository,
    @Inject(CONFIG) private readonly config: Pick<Config, 'paymentProvider'>,
  ) {}

  /** Creates a show with the current layout of its hall. @throws DomainError `NOT_FOUND`, `INVALID_REQUEST` */
  async createShow(body: ShowBody, caller: AuditCaller): Promise<ShowRead> {
    const em = this.em.fork();
    const movie = await found(em, Movie, body.movieId, 'movie');
    const hall = await found(em, Hall, body.hallId, 'hall');
    const startsAt = new Date(body.startsAt);
    const saleOpensAt = body.saleOpensAt === null ? null : new Date(body.saleOpensAt);
    const saleClosesAt = body.saleClosesAt === undefined ? startsAt : new Date(body.saleClosesAt);
    const { currency, prices, rules } = body;
    const layout = await this.catalog.layout(hall.layout.id);
    const sale = { prices, saleOpensAt: saleOpensAt?.getTime() ?? null, saleClosesAt: saleClosesAt.getTime() };
    refuseProblems([
      ...findSaleProblems(listTiers(layout.seats), sale),
      ...findAmountProblems(body, getAmountStep(this.config.paymentProvider)),
    ]);
    const times = { startsAt, endsAt: endOf(startsAt, movie), saleOpensAt, saleClosesAt };
    const terms = {
      ...times,
      currency,
      prices,
      rules,
      waitingRoom: toStoredRoom(body.waitingRoom),
      protection: body.protection,
    };
    const make = async (inner: EntityManager) => {
      const of = {
        movie: inner.getReference(Movie, movie.id),
        hall: inner.getReference(Hall, hall.id),
        layout: inner.getReference(Layout, hall.layout.id),
      };
      const show = inner.create(Show, { ...of, ...terms });
      await inner.persist(show).flush();
      const change = { caller, action: 'show.create', kind: 'show', id: show.id } as const;
      const after = { movieId: movie.id, hallId: hall.id, ...terms };
      await recordCatalogChange(inner, { ...change, before: null, after });
      return show.id;
    };
    const creation = em.transactional((inner) => onceByOrm(inner, () => make(inner)));
    return this.catalog.show(await this.orOverlap(creation, hall.id, times));
  }

  /**
   * Checks a change to a show's movie, hall or time, and returns the values that the lane then commits. A new hall must
   * have the same layout as the show, because the show's seats are sold by that layout.
   *
   * @throws DomainError `NOT_FOUND`, `INVALID_REQUEST`
   */
  async planned(showId: number, { movieId, hallId, startsAt }: Planned): Promise<PlannedShow> {
    const em = this.em.fork();
    const show = await found(em, Show, showId, 'show');
    const movie = await found(em, Movie, movieId ?? show.movie.id, 'movie');
    if (hallId !== undefined) {
      const hall = await found(em, Hall, hallId, 'hall');
      if (hall.layout.id !== show.layout.id) {
        const message = 'has a different layout than the show';
        throw createInvalidRequestError([{ path: ['hallId'], message }]);
      }
    }
    const isPlannedAnew = movieId !== undefined || startsAt !== undefined;
    const start = startsAt === undefined ? show.startsAt : new Date(startsAt);
    const end = isPlannedAnew ? endOf(start, movie) : show.endsAt;
    // This check lets the refusal name the other show. It can miss a show that moves at the same time, but PostgreSQL's
    // constraint then refuses one of the two changes.
    const other =
      show.calledOffAt === null ? await this.repository.showInHall(hallId ?? show.hall.id, start, end, showId) : null;
    if (other !== null) throw overlap(other);
    return {
      ...(movieId !== undefined && { movieId }),
      ...(hallId !== undefined && { hallId }),
      ...(startsAt !== undefined && { startsAt: start.getTime() }),
      ...(isPlannedAnew && { durationMs: movie.durationMinutes * 60_000 }),
    };
  }

  /**
   * Waits for the transaction that creates a show. If PostgreSQL's constraint refuses the show because it overlaps with
   * another show, the error names the other show. The other show is read after the transaction has ended. If each
   * transaction needed a second connection for this, such transactions could occupy all connections and wait for each
   * other forever.
   */
  private async orOverlap(
    creation: Promise<number>,
    hallId: number,
    { startsAt, endsAt }: { readonly startsAt: Date; readonly endsAt: Date },
  ): Promise<number> {
    try {
      return await creation;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === '23P01')) throw error;
      throw overlap(await this.repository.showInHall(hallId, startsAt, endsAt, null));
    }
  }
}

/** @param other the show that uses the hall at that time, or null if that show is gone by now */
const overlap = (other: number | null) => {
  const which = other === null ? 'another show' : `show ${other}`;
  return createInvalidRequestError([{ path: ['startsAt'], message: `the hall has ${which} at that time` }]);
};

const endOf = (startsAt: Date, { durationMinutes }: Movie): Date =>
  new Date(startsAt.getTime() + durationMinutes * 60_000);

function toStoredRoom(body: ShowBody['waitingRoom']): WaitingRoom | null {
  if (!body || body.mode === 'off' || body.maxShoppers === undefined) return null;
  const { mode, maxShoppers, admitPerMinute, shopSeconds } = body;
  return { mode, maxShoppers, admitPerMinute, shopSeconds };
}

/** @throws DomainError `INVALID_REQUEST` if there is a problem */
function refuseProblems(problems: ReturnType<typeof findSaleProblems>): void {
  if (problems.length > 0)
    throw createInvalidRequestError(problems.map(({ path, message }) => ({ path: path.split('.'), message })));
}
