import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import type { MovieBody, MoviePatch, Movie as MovieRead } from '@usher/contract';
import { createNotFoundError } from '../../common/domain-error.js';
import { onceByOrm } from '../../access/index.js';
import { Movie } from '../entities/movie.js';
import { MoviesRepository } from '../movies.repository.js';
import { found } from './found.js';

/** Creates and changes movies. */
@Injectable()
export class MoviesAdministration {
  constructor(
    private readonly em: EntityManager,
    private readonly movies: MoviesRepository,
  ) {}

  async createMovie(body: MovieBody): Promise<MovieRead> {
    const make = async (em: EntityManager) => {
      const movie = em.create(Movie, body);
      await em.persist(movie).flush();
      return movie.id;
    };
    return this.movie(await this.em.fork().transactional((em) => onceByOrm(em, () => make(em))));
  }

  /** Changes a movie. Planned shows keep their times, even if the movie's duration changes. @throws DomainError `NOT_FOUND` */
  async changeMovie(movieId: number, patch: MoviePatch): Promise<MovieRead> {
    const em = this.em.fork();
    em.assign(await found(em, Movie, movieId, 'movie'), patch, { ignoreUndefined: true });
    await em.flush();
    return this.movie(movieId);
  }

  private async movie(movieId: number): Promise<MovieRead> {
    const movie = await this.movies.movie(movieId);
    if (!movie) throw createNotFoundError('movie');
    return movie;
  }
}
