import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import type { MovieBody, MoviePatch, Movie as MovieRead } from '@usher/contract';
import { createNotFoundError } from '../../common/domain-error.js';
import { type AuditCaller, onceByOrm } from '../../access/index.js';
import { Movie } from '../entities/movie.js';
import { MoviesRepository } from '../movies.repository.js';
import { foundToChange } from './found.js';
import { recordCatalogChange } from './record-catalog-change.js';

/** Creates and changes movies. */
@Injectable()
export class MoviesAdministration {
  constructor(
    private readonly em: EntityManager,
    private readonly movies: MoviesRepository,
  ) {}

  async createMovie(body: MovieBody, caller: AuditCaller): Promise<MovieRead> {
    const make = async (em: EntityManager) => {
      const movie = em.create(Movie, body);
      await em.persist(movie).flush();
      const change = { caller, action: 'movie.create', kind: 'movie', id: movie.id } as const;
      await recordCatalogChange(em, { ...change, before: null, after: fieldsOf(movie) });
      return movie.id;
    };
    return this.movie(await this.em.fork().transactional((em) => onceByOrm(em, () => make(em))));
  }

  /** Changes a movie. Planned shows keep their times, even if the movie's duration changes. @throws DomainError `NOT_FOUND` */
  async changeMovie(movieId: number, patch: MoviePatch, caller: AuditCaller): Promise<MovieRead> {
    await this.em.fork().transactional(async (em) => {
      const movie = await foundToChange(em, Movie, movieId, 'movie');
      const before = fieldsOf(movie);
      em.assign(movie, patch, { ignoreUndefined: true });
      const change = { caller, action: 'movie.update', kind: 'movie', id: movieId } as const;
      await recordCatalogChange(em, { ...change, before, after: fieldsOf(movie) });
    });
    return this.movie(movieId);
  }

  private async movie(movieId: number): Promise<MovieRead> {
    const movie = await this.movies.movie(movieId);
    if (!movie) throw createNotFoundError('movie');
    return movie;
  }
}

/** Returns the fields of a movie that the audit trail records. */
const fieldsOf = ({ id: _, externalRef: __, ...fields }: Movie) => ({ ...fields });
