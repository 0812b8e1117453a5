import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { endpoints } from './endpoints.js';
import { clientEvents } from './events.js';

/** A text of a request: its place, and the schema that reads it. */
interface TextField {
  readonly place: string;
  readonly schema: z.ZodType;
}

/** Every schema in a schema that accepts a text, found by walking the schema. */
function textFields(schema: z.ZodType, place: string): TextField[] {
  const inside = (inner: unknown, name = '') => textFields(inner as z.ZodType, `${place}${name}`);
  // The definition of a kind of schema has its parts by these names.
  const { type, ...def } = schema.def as { type: string } & Record<string, unknown>;
  switch (type) {
    case 'string':
      return [{ place, schema }];
    case 'object':
      return Object.entries((schema as z.ZodObject).shape).flatMap(([name, field]) => inside(field, `.${name}`));
    case 'array':
      return inside(def['element'], '[]');
    case 'record':
      return [...inside(def['keyType'], '{key}'), ...inside(def['valueType'], '{}')];
    case 'union':
      return (def['options'] as unknown[]).flatMap((option) => inside(option));
    case 'pipe':
      return [...inside(def['in']), ...inside(def['out'])];
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
      return inside(def['innerType']);
    default:
      return [];
  }
}

const bodies = [
  ...Object.entries(endpoints).flatMap(([name, endpoint]) =>
    'body' in endpoint ? textFields(endpoint.body, name) : [],
  ),
  ...Object.entries(clientEvents).flatMap(([name, { payload }]) => textFields(payload, name)),
];
const parameters = Object.entries(endpoints).flatMap(([name, endpoint]) => [
  ...('query' in endpoint ? textFields(endpoint.query, `${name}?`) : []),
  ...('params' in endpoint ? textFields(endpoint.params, `${name}/`) : []),
]);

/** Fields with text that people write in several lines. */
const prose = [/\.synopsis$/, /\.reason$/];
/** Fields with what programs write and only compare, and a layout's text, whose reader checks each name in it. */
const opaque = [/\.key$/, /\.code$/, /\.keys\.(p256dh|auth)$/, /layout\.text$/];

/** Fields that never reach the database, and need no bound. */
const compared = [/^receivePaymentWebhook\/\.provider$/, /^(checkIn|handInCheckIns\.checkIns\[\])\.code$/];

const is = (kinds: readonly RegExp[], { place }: TextField) => kinds.some((kind) => kind.test(place));
const accepted = ({ schema }: TextField, value: string) => schema.safeParse(value).success;
const nameFields = bodies.filter((field) => !is(prose, field) && !is(opaque, field));

describe('the texts of requests', () => {
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

  it.each(nameFields.map((field) => [field.place, field] as const))('%s has no control characters', (_, field) => {
    expect([...lineBreakers, ...brokenTexts].filter((value) => accepted(field, value))).toEqual([]);
  });

  it.each(bodies.filter((field) => is(prose, field)).map((field) => [field.place, field] as const))(
    '%s has no control characters but tab and newline',
    (_, field) => {
      const bad = [...lineBreakers.filter((value) => !/[\t\n\r]/.test(value)), ...brokenTexts];
      expect(bad.filter((value) => accepted(field, value))).toEqual([]);
      expect(field.schema.parse('one\ttwo\r\nthree\rfour')).toBe('one\ttwo\nthree\nfour');
    },
  );

  it.each(
    [...bodies, ...parameters]
      .filter((field) => !field.place.endsWith('layout.text') && !is(compared, field))
      .map((field) => [field.place, field] as const),
  )('%s can be stored by PostgreSQL', (_, field) => {
    expect(brokenTexts.filter((value) => accepted(field, value))).toEqual([]);
  });

  it('are trimmed where they are names, and have a visible character', () => {
    const title = bodies.find(({ place }) => place === 'createMovie.title')!.schema;
    expect(title.parse('  Ähre 千 🎬 ')).toBe('Ähre 千 🎬');
    expect(['', '   ', '\u200B', '\u00A0\u200D'].filter((value) => title.safeParse(value).success)).toEqual([]);
  });
});
