import { Booking, errorCodes, FoundMovies, Session } from '@usher/contract';
import { z } from 'zod';

/** What can be called. */
export const operations = ['SearchMovies', 'ReserveSeats'] as const;
export type Operation = (typeof operations)[number];

/** The namespace of version 1: another would be another contract. */
export const namespace = 'urn:usher:soap:1';

type XsdType = 'string' | 'int' | 'double' | 'boolean' | 'dateTime';

/** A field of a call. */
interface CallField {
  readonly type: XsdType | { readonly fields: Readonly<Record<string, CallField>> };
  readonly isNeeded?: true;
  readonly isList?: true;
}

const optional = (type: XsdType): CallField => ({ type });

/** The fields of each call: those of REST, by the types that a partner's tools know. */
export const callFields: Readonly<Record<Operation, Readonly<Record<string, CallField>>>> = {
  SearchMovies: {
    keyword: optional('string'),
    city: optional('string'),
    lat: optional('double'),
    lon: optional('double'),
    radiusKm: optional('double'),
    from: optional('dateTime'),
    to: optional('dateTime'),
    postalCode: optional('string'),
    spellcheck: optional('boolean'),
    sort: optional('string'),
    limit: optional('int'),
    cursor: optional('string'),
  },
  ReserveSeats: {
    sessionToken: optional('string'),
    idempotencyKey: optional('string'),
    showId: { type: 'int', isNeeded: true },
    seats: { type: 'int', isList: true },
    best: {
      type: { fields: { count: { type: 'int', isNeeded: true }, tier: optional('string'), kind: optional('string') } },
    },
    onConflict: optional('string'),
  },
};

/** Answers as over REST, with the session if it was made for the call or its token was renewed. */
export const answers = {
  SearchMovies: FoundMovies,
  ReserveSeats: z.object({ booking: Booking, session: Session.optional() }),
} as const satisfies Record<Operation, z.ZodType>;

const fieldsOfErrors = Object.assign({}, ...Object.values(errorCodes).map(({ fields }) => fields));

/** An error of the contract as a fault's detail has it: the fields of one code, so none but the first four is needed. */
export const ErrorDetail = z.object({
  code: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  ...z.object(fieldsOfErrors).partial().shape,
});
