import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { endpoints } from './endpoints.js';
import { clientEvents } from './events.js';

type Schema = z.core.$ZodType;

/** A text field of a request. `place` names the endpoint and the path to the field. */
interface TextField {
  readonly place: string;
  readonly schema: Schema;
}

/** Finds all text fields of a schema by walking it. */
function findTextFields(schema: Schema, place: string): TextField[] {
  if (schema instanceof z.core.$ZodString) return [{ place, schema }];
  return partsOf(schema).flatMap(([name, part]) => findTextFields(part, `${place}${name}`));
}

/** Returns the schemas directly inside a schema, each with its part of the path to a field. */
function partsOf(schema: Schema): [name: string, part: Schema][] {
  if (schema instanceof z.ZodObject) {
    return Object.entries<Schema>(schema.shape).map(([name, field]) => [`.${name}`, field]);
  }
  if (schema instanceof z.ZodArray) return [['[]', schema.element]];
  if (schema instanceof z.ZodRecord) {
    return [
      ['{key}', schema.keyType],
      ['{}', schema.valueType],
    ];
  }
  if (schema instanceof z.ZodUnion) return schema.options.map((option) => ['', option]);
  if (schema instanceof z.ZodPipe) {
    return [
      ['', schema.in],
      ['', schema.out],
    ];
  }
  const isWrapper =
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault;
  return isWrapper ? [['', schema.unwrap()]] : [];
}

const bodies = [
  ...Object.entries(endpoints).flatMap(([name, endpoint]) =>
    'body' in endpoint ? findTextFields(endpoint.body, name) : [],
  ),
  ...Object.entries(clientEvents).flatMap(([name, { payload }]) => findTextFields(payload, name)),
];
const parameters = Object.entries(endpoints).flatMap(([name, endpoint]) => [
  ...('query' in endpoint ? findTextFields(endpoint.query, `${name}?`) : []),
  ...('params' in endpoint ? findTextFields(endpoint.params, `${name}/`) : []),
]);

/** Fields in which people may write several lines. */
const prosePlaces = [/\.synopsis$/, /\.reason$/];
/**
 * Fields with text that programs write and compare. Also the text of a layout, because the reader of the layout checks
 * each name in it.
 */
const opaquePlaces = [/\.key$/, /\.code$/, /\.keys\.(p256dh|auth)$/, /layout\.text$/];

/** Fields that the service only compares and never stores. */
const comparedPlaces = [/^receivePaymentWebhook\/\.provider$/, /^(checkIn|handInCheckIns\.checkIns\[\])\.code$/];

const isAt = (places: readonly RegExp[], { place }: TextField) => places.some((pattern) => pattern.test(place));
const isAccepted = ({ schema }: TextField, value: string) => z.safeParse(schema, value).success;
const nameFields = bodies.filter((field) => !isAt(prosePlaces, field) && !isAt(opaquePlaces, field));

describe('the text fields of requests', () => {
  it('are found in every kind of request', () => {
    const places = bodies.map(({ place }) => place);
    expect(places).toEqual(
      expect.arrayContaining([
        'createCity.name',
        'createCinema.address',
        'createHall.layout.sections[].name',
        'createHall.layout.seats[].label',
        'createMovie.people[].role',
        'createMovie.genres[]',
        'createShow.prices{key}',
        'createApiKey.name',
        'callOffShow.reason',
        'checkIn.gate',
        'createWebhook.url',
        'queue:join.tiers[]',
      ]),
    );
  });

  const lineBreakers = [
    'a\u0000b',
    'a\u0007b',
    'a\tb',
    'a\nb',
    'a\rb',
    'a\u0085b',
    'a\u2028b',
    'a\u2029b',
    'a\u202Eb',
    'a\u2066b',
  ];
  const brokenTexts = ['a\u0000b', 'a\uD800b', '\uDC00'];

  it.each(nameFields.map((field) => [field.place, field] as const))('%s refuses control characters', (_, field) => {
    expect([...lineBreakers, ...brokenTexts].filter((value) => isAccepted(field, value))).toEqual([]);
  });

  it.each(bodies.filter((field) => isAt(prosePlaces, field)).map((field) => [field.place, field] as const))(
    '%s refuses control characters except tab and newline',
    (_, field) => {
      const bad = [...lineBreakers.filter((value) => !/[\t\n\r]/.test(value)), ...brokenTexts];
      expect(bad.filter((value) => isAccepted(field, value))).toEqual([]);
      expect(z.parse(field.schema, 'one\ttwo\r\nthree\rfour')).toBe('one\ttwo\nthree\nfour');
    },
  );

  it.each(
    [...bodies, ...parameters]
      .filter((field) => !field.place.endsWith('layout.text') && !isAt(comparedPlaces, field))
      .map((field) => [field.place, field] as const),
  )('%s refuses text that PostgreSQL cannot store', (_, field) => {
    expect(brokenTexts.filter((value) => isAccepted(field, value))).toEqual([]);
  });

  it('are trimmed and need a visible character if they are names', () => {
    const title = bodies.find(({ place }) => place === 'createMovie.title')!.schema;
    expect(z.parse(title, '  Ähre 千 🎬 ')).toBe('Ähre 千 🎬');
    expect(['', '   ', '\u200B', '\u00A0\u200D'].filter((value) => z.safeParse(title, value).success)).toEqual([]);
  });
});
