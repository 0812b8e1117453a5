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
  LayoutBody,
} from '@usher/contract';
import { createNotFoundError } from '../../common/domain-error.js';
import { onceByOrm } from '../../access/index.js';
import { Cinema } from '../entities/cinema.js';
import { City } from '../entities/city.js';
import { Hall } from '../entities/hall.js';
import { Layout } from '../entities/layout.js';
import { foldText } from '../fold-text.js';
import { PlacesRepository } from '../places.repository.js';
import { found } from './found.js';

/** With this option, fields that a patch omits are not changed. */
const patchOptions = { ignoreUndefined: true } as const;

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
  async createCity(body: CityBody): Promise<CityRead> {
    const cityId = await this.once(async (em) => {
      const city = em.create(City, { ...body, foldedName: foldText(body.name) });
      await em.persist(city).flush();
      return city.id;
    });
    return this.city(cityId);
  }

  /** @throws DomainError `NOT_FOUND` */
  async changeCity(cityId: number, patch: CityPatch): Promise<CityRead> {
    const em = this.em.fork();
    const city = await found(em, City, cityId, 'city');
    em.assign(city, { ...patch, ...(patch.name !== undefined && { foldedName: foldText(patch.name) }) }, patchOptions);
    await em.flush();
    return this.city(cityId);
  }

  /** @throws DomainError `NOT_FOUND` */
  async createCinema({ cityId, ...rest }: CinemaBody): Promise<CinemaRead> {
    const cinemaId = await this.once(async (em) => {
      const cinema = em.create(Cinema, { ...rest, city: await found(em, City, cityId, 'city') });
      await em.persist(cinema).flush();
      return cinema.id;
    });
    return this.cinema(cinemaId);
  }

  /** @throws DomainError `NOT_FOUND` */
  async changeCinema(cinemaId: number, { cityId, ...rest }: CinemaPatch): Promise<CinemaRead> {
    const em = this.em.fork();
    const cinema = await found(em, Cinema, cinemaId, 'cinema');
    if (cityId !== undefined) cinema.city = await found(em, City, cityId, 'city');
    em.assign(cinema, rest, patchOptions);
    await em.flush();
    return this.cinema(cinemaId);
  }

  /** @throws DomainError `NOT_FOUND` */
  async createHall({ cinemaId, name, layout }: HallBody): Promise<HallRead> {
    const hallId = await this.once(async (em) => {
      const cinema = await found(em, Cinema, cinemaId, 'cinema');
      const hall = em.create(Hall, { cinema, name, layout: await storeLayout(em, layout) });
      await em.persist(hall).flush();
      return hall.id;
    });
    return this.hall(hallId);
  }

  /**
   * Changes a hall. Its existing shows keep their layout, and later shows get the new layout.
   *
   * @throws DomainError `NOT_FOUND`
   */
  async changeHall(hallId: number, { cinemaId, name, layout }: HallPatch): Promise<HallRead> {
    await this.em.fork().transactional(async (em) => {
      const hall = await found(em, Hall, hallId, 'hall');
      if (cinemaId !== undefined) hall.cinema = await found(em, Cinema, cinemaId, 'cinema');
      if (layout !== undefined) hall.layout = await storeLayout(em, layout);
      em.assign(hall, { name }, patchOptions);
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

/** Inserts a layout without MikroORM's unit of work, because that would copy and compare up to 100,000 seats. */
async function storeLayout(em: EntityManager, layout: LayoutBody): Promise<Layout> {
  const { width, height, stage, sections, seats } = layout;
  const json = [stage, sections, seats].map((value) => value && JSON.stringify(value));
  const [row] = await em.execute<{ id: number }[]>(
    `insert into layout (seat_count, width, height, stage, sections, seats)
     values (?, ?, ?, ?::jsonb, ?::jsonb, ?::jsonb) returning id`,
    [seats.length, width, height, ...json],
  );
  if (!row) throw new Error('PostgreSQL returned no id for the inserted row');
  return em.getReference(Layout, row.id);
}
