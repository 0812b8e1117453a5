import { z } from 'zod';
import { IdParam, Uuid } from './ids.js';

// Path parameters that endpoints of several folders share.
export const CityParams = z.object({ cityId: IdParam });
export const CinemaParams = z.object({ cinemaId: IdParam });
export const HallParams = z.object({ hallId: IdParam });
export const MovieParams = z.object({ movieId: IdParam });
export const ShowParams = z.object({ showId: IdParam });
export const BookingParams = z.object({ bookingId: Uuid });
