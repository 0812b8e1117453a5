import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import type {
  CinemaBody,
  CinemaPatch,
  Cinema as CinemaRead,
  CityBody,
  CityPatch,
  City as CityRead,
  HallBody,
  HallPatch,
  Hall as HallRead,
} from '@usher/contract';
import { createNotFoundError } from '../../common/domain-error.js';
import { type AuditCaller, onceByOrm } from '../../access/index.js';
import { Cinema } from '../entities/cinema.js';
import { City } from '../entities/city.js';
import { Hall } from '../entities/hall.js';
import { Layout } from '../entities/layout.js';
import { foldText } from '../fold-text.js';
import type { LayoutTexts } from '../layout-texts.js';
import { PlacesRepository } from '../places.repository.js';
import { found, foundToChange } from './found.js';
import { recordCatalogChange } from './record-catalog-change.js';

/** With this option, fields that a patch omits are not changed. */
const patchOptions = { ignoreUndefined: true } as const;

/** The fields of a new hall, with its layout as texts. */
export type HallUpload = Omit<HallBody, 'layout'> & { readonly layout: LayoutTexts };

/** The fields of a hall to change. A field that is undefined does not change. */
export type HallUploadPatch = Omit<HallPatch, 'layout'> & { readonly layout?: LayoutTexts | undefined };

/**
 * Creates and changes cities, cinemas and halls. Every row that a call refers to must exist. Otherwise the call fails
 * with `NOT_FOUND`.
 */
@Injectable()
export class PlacesAdministration {
  constructor(
    private readonly em: EntityManager,
    private readonly places: PlacesRepository,
  ) {}

  /** @throws DomainError `NOT_FOUND` */
  async createCity(body: CityBody, caller: AuditCaller): Promise<CityRead> {
    const cityId = await this.once(async (em) => {
      const city = em.create(City, { ...body, foldedName: foldText(body.name) });
      await em.persist(city).flush();
      const change = { caller, action: 'city.create', kind: 'city', id: city.id } as const;
      await recordCatalogChange(em, { ...change, before: null, after: cityFields(city) });
      return city.id;
    });
    return this.city(cityId);
  }

  /** @throws DomainError `NOT_FOUND` */
  async changeCity(cityId: number, patch: CityPatch, caller: AuditCaller): Promise<CityRead> {
    const foldedName = patch.name !== undefined && { foldedName: foldText(patch.name) };
    await this.em.fork().transactional(async (em) => {
      const city = await foundToChange(em, City, cityId, 'city');
      const before = cityFields(city);
      em.assign(city, { ...patch, ...foldedName }, patchOptions);
      const change = { caller, action: 'city.update', kind: 'city', id: cityId } as const;
      await recordCatalogChange(em, { ...change, before, after: cityFields(city) });
    });
    return this.city(cityId);
  }

  /** @throws DomainError `NOT_FOUND` */
  async createCinema({ cityId, ...rest }: CinemaBody, caller: AuditCaller): Promise<CinemaRead> {
    const cinemaId = await this.once(async (em) => {
      const cinema = em.create(Cinema, { ...rest, city: await found(em, City, cityId, 'city') });
      await em.persist(cinema).flush();
      const change = { caller, action: 'cinema.create', kind: 'cinema', id: cinema.id, cinemaId: cinema.id } as const;
      await recordCatalogChange(em, { ...change, before: null, after: cinemaFields(cinema) });
      return cinema.id;
    });
    return this.cinema(cinemaId);
  }

  /** @throws DomainError `NOT_FOUND` */
  async changeCinema(cinemaId: number, { cityId, ...rest }: CinemaPatch, caller: AuditCaller): Promise<CinemaRead> {
    await this.em.fork().transactional(async (em) => {
      const cinema = await foundToChange(em, Cinema, cinemaId, 'cinema');
      const before = cinemaFields(cinema);
      if (cityId !== undefined) cinema.city = await found(em, City, cityId, 'city');
      em.assign(cinema, rest, patchOptions);
      const change = { caller, action: 'cinema.update', kind: 'cinema', id: cinemaId, cinemaId } as const;
      await recordCatalogChange(em, { ...change, before, after: cinemaFields(cinema) });
    });
    return this.cinema(cinemaId);
  }

  /** @throws DomainError `NOT_FOUND` */
  async createHall({ cinemaId, name, layout }: HallUpload, caller: AuditCaller): Promise<HallRead> {
    const hallId = await this.once(async (em) => {
      const cinema = await found(em, Cinema, cinemaId, 'cinema');
      const hall = em.create(Hall, { cinema, name, layout: await storeLayout(em, layout) });
      await em.persist(hall).flush();
      const change = { caller, action: 'hall.create', kind: 'hall', id: hall.id, cinemaId } as const;
      await recordCatalogChange(em, { ...change, before: null, after: hallFields(hall) });
      return hall.id;
    });
    return this.hall(hallId);
  }

  /**
   * Changes a hall. Its existing shows keep their layout, and later shows get the new layout.
   *
   * @throws DomainError `NOT_FOUND`
   */
  async changeHall(
    hallId: number,
    { cinemaId, name, layout }: HallUploadPatch,
    caller: AuditCaller,
  ): Promise<HallRead> {
    await this.em.fork().transactional(async (em) => {
      const hall = await foundToChange(em, Hall, hallId, 'hall');
      const before = hallFields(hall);
      if (cinemaId !== undefined) hall.cinema = await found(em, Cinema, cinemaId, 'cinema');
      if (layout !== undefined) hall.layout = await storeLayout(em, layout);
      em.assign(hall, { name }, patchOptions);
      const change = { caller, action: 'hall.update', kind: 'hall', id: hallId, cinemaId: hall.cinema.id } as const;
      await recordCatalogChange(em, { ...change, before, after: hallFields(hall) });
    });
    return this.hall(hallId);
  }

  /** Inserts a row in a transaction, at most once per idempotency key. Returns its id. */
  private once(make: (em: EntityManager) => Promise<number>): Promise<number> {
    return this.em.fork().transactional((em) => onceByOrm(em, () => make(em)));
  }

  private async city(cityId: number): Promise<CityRead> {
    const city = await this.places.city(cityId);
    if (!city) throw createNotFoundError('city');
    return city;
  }

  private async cinema(cinemaId: number): Promise<CinemaRead> {
    const cinema = await this.places.cinema(cinemaId);
    if (!cinema) throw createNotFoundError('cinema');
    return cinema;
  }

  private async hall(hallId: number): Promise<HallRead> {
    const hall = await this.places.hall(hallId);
    if (!hall) throw createNotFoundError('hall');
    return hall;
  }
}

/** Returns the fields of a city that the audit trail records. */
const cityFields = ({ name, country, timeZone, lat, lon }: City) => ({ name, country, timeZone, lat, lon });

/** Returns the fields of a cinema that the audit trail records. */
const cinemaFields = ({ city, name, address, postalCode, lat, lon }: Cinema) => {
  const cityId = city.id;
  return { cityId, name, address, postalCode, lat, lon };
};

/**
 * Returns the fields of a hall that the audit trail records. The trail names the layout by its id, because a layout never
 * changes and can have 100,000 seats.
 */
const hallFields = ({ cinema, name, layout }: Hall) => ({ cinemaId: cinema.id, name, layoutId: layout.id });

/** The columns of the table `layout`, for {@link storeLayout}. */
interface LayoutTable {
  readonly layout: { readonly [Column in Exclude<keyof LayoutTexts, 'digest' | 'seatCount'>]: LayoutTexts[Column] } & {
    /** Kysely requires no value for a column that may be undefined. */
    readonly id: number | undefined;
    readonly seat_count: number;
  };
}

/**
 * Inserts a layout of up to 100,000 seats. MikroORM's unit of work would copy and compare the seats, and its `execute` would
 * write their text into the statement, which holds the event loop for 0.7 s. Kysely sends the text as a parameter.
 */
async function storeLayout(em: EntityManager, layout: LayoutTexts): Promise<Layout> {
  const { seatCount, width, height, stage, sections, seats } = layout;
  const { id } = await em
    .getKysely<LayoutTable>()
    .insertInto('layout')
    .values({ seat_count: seatCount, width, height, stage, sections, seats })
    .returning('id')
    .executeTakeFirstOrThrow();
  if (id === undefined) throw new Error('PostgreSQL returned no id for the inserted row');
  return em.getReference(Layout, id);
}
