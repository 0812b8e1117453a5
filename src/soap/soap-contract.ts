import { Booking, errorCodes, FoundMovies, Session } from '@usher/contract';
import { z } from 'zod';

/** Names of the SOAP operations. */
export const operations = ['SearchMovies', 'ReserveSeats'] as const;
export type Operation = (typeof operations)[number];

/** XML namespace of version 1. A new namespace would be a new contract. */
export const namespace = 'urn:usher:soap:1';

type XsdType = 'string' | 'int' | 'double' | 'boolean' | 'dateTime';

/** Describes one field of a call. */
interface CallField {
  readonly type: XsdType | { readonly fields: Readonly<Record<string, CallField>> };
  readonly isRequired?: true;
  readonly isList?: true;
}

const optional = (type: XsdType): CallField => ({ type });

/**
 * The fields of each operation. They are the same fields as in REST, with the types of XML Schema, because partners'
 * tools know these types.
 */
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
    showId: { type: 'int', isRequired: true },
    seats: { type: 'int', isList: true },
    best: {
      type: {
        fields: { count: { type: 'int', isRequired: true }, tier: optional('string'), kind: optional('string') },
      },
    },
    onConflict: optional('string'),
  },
};

/**
 * Schemas of the answers, which are the same as in REST. `ReserveSeats` adds a session that the call created or
 * renewed.
 */
export const answerSchemas = {
  SearchMovies: FoundMovies,
  ReserveSeats: z.object({ booking: Booking, session: Session.optional() }),
} as const satisfies Record<Operation, z.ZodType>;

const errorFields = Object.assign({}, ...Object.values(errorCodes).map(({ fields }) => fields));

/**
 * Schema of a fault's detail, which contains an error of the contract. Each error code has its own fields, so only the four
 * common fields are required.
 */
export const ErrorDetail = z.object({
  code: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  ...z.object(errorFields).partial().shape,
});
