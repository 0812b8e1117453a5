import { z } from 'zod';
import { IdParam, Uuid } from './primitives.js';

export const CityParams = z.object({ cityId: IdParam });
export const CinemaParams = z.object({ cinemaId: IdParam });
export const MovieParams = z.object({ movieId: IdParam });
export const ShowParams = z.object({ showId: IdParam });
export const BookingParams = z.object({ bookingId: Uuid });
export const HallParams = z.object({ hallId: IdParam });
