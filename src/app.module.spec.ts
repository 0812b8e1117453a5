import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import type { Type } from '@nestjs/common';
import { clientEvents, type Endpoint, endpoints } from '@usher/contract';
import { z } from 'zod';
import { BookingCallerGuard, type KeyRule, keyRuleKey, PermissionGuard, SessionGuard } from './access/index.js';
import { AppModule } from './app.module.js';
import { readConfig } from './config/config.js';

/** A method of a controller or a gateway. */
interface Handler {
  /** The name of the endpoint or of the event. */
  readonly name: string;
  readonly guards: readonly Type[];
  readonly rule: KeyRule | undefined;
}

const config = readConfig({ SESSION_SECRET: 's'.repeat(32), DATABASE_URL: 'postgres://127.0.0.1/nowhere' });

const read = <T>(key: string, target: object): T[] => Reflect.getMetadata(key, target) ?? [];

/** Returns the classes that a module and its imports list under a metadata key, such as `controllers`. */
function classesOf(key: 'controllers' | 'providers', module: unknown, seen = new Set<unknown>()): Type[] {
  if (typeof module !== 'object' && typeof module !== 'function') return [];
  if (module === null || seen.has(module)) return [];
  seen.add(module);
  const dynamic = 'module' in module ? module : null;
  const type = dynamic ? dynamic.module : module;
  const listed = (name: string): unknown[] => [
    ...(typeof type === 'function' ? read<unknown>(name, type) : []),
    ...(dynamic && Array.isArray(Reflect.get(dynamic, name)) ? Reflect.get(dynamic, name) : []),
  ];
  const imported = listed('imports').flatMap((inner) => classesOf(key, inner, seen));
  return [...listed(key).filter((item): item is Type => typeof item === 'function'), ...imported];
}

/** Returns the methods of a class that have a metadata key, such as `path` for routes. */
function handlersOf(type: Type, key: string): Handler[] {
  const properties = Object.entries(Object.getOwnPropertyDescriptors(type.prototype));
  return properties.flatMap(([name, { value }]) => {
    const method: unknown = value;
    const marked: unknown = typeof method === 'function' ? Reflect.getMetadata(key, method) : undefined;
    if (typeof method !== 'function' || name === 'constructor' || marked === undefined) return [];
    const rule = Reflect.getMetadata(keyRuleKey, method) ?? Reflect.getMetadata(keyRuleKey, type);
    const guards = [...read<Type>('__guards__', type), ...read<Type>('__guards__', method)];
    return [{ name: key === 'message' && typeof marked === 'string' ? marked : name, guards, rule }];
  });
}

const app = AppModule.with(config, config.databaseUrl!);
const routes = classesOf('controllers', app).flatMap((type) => handlersOf(type, 'path'));
const events = classesOf('providers', app).flatMap((type) => handlersOf(type, 'message'));
const hasGuard = ({ guards }: Handler, guard: unknown) =>
  guards.some((type) => type === guard || (typeof guard === 'function' && type.prototype instanceof guard));
const keyRoutes = routes.filter((route) => hasGuard(route, PermissionGuard) || hasGuard(route, BookingCallerGuard));
const contract: Readonly<Record<string, Endpoint>> = endpoints;

/** Returns the names of the fields in one part of a call. */
function fieldsOf(schema: z.ZodType | undefined): string[] {
  const json: z.core.JSONSchema.BaseSchema = schema
    ? z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
    : {};
  const names = (part: z.core.JSONSchema.BaseSchema): string[] => {
    // A schema with an id is written as a reference to its definition.
    const definition = json.$defs?.[part.$ref?.split('/').at(-1) ?? ''] ?? part;
    const parts = [definition.allOf, definition.anyOf, definition.oneOf].flatMap((list) => list ?? []);
    return [...Object.keys(definition.properties ?? {}), ...parts.flatMap(names)];
  };
  return [...new Set(names(json))];
}

const placeFields: Readonly<Record<string, string>> = {
  cinemaId: 'cinema',
  hallId: 'hall',
  showId: 'show',
  bookingId: 'booking',
};

/** Returns the places that a call can name, as a rule states them, such as `show params.showId`. */
const placesIn = (parts: Readonly<Record<string, z.ZodType | undefined>>): string[] =>
  Object.entries(parts)
    .flatMap(([part, schema]) =>
      fieldsOf(schema).flatMap((field) => (placeFields[field] ? [`${placeFields[field]} ${part}.${field}`] : [])),
    )
    .toSorted();

const placesOfEndpoint = (name: string): string[] => {
  const { params, query, body } = contract[name]!;
  return placesIn({ params, query, body });
};

const placesOfRule = (rule: KeyRule | undefined): string[] =>
  Object.entries(typeof rule?.target === 'object' ? rule.target : {})
    .map(([kind, field]) => `${kind} ${field}`)
    .toSorted();

const contractRoutes = routes.filter(({ name }) => contract[name] !== undefined);
const ruledRoutes = contractRoutes.filter(({ rule }) => rule !== undefined);

describe('the rules for API keys', () => {
  it('exist for every endpoint of the contract that needs or accepts a key', () => {
    const inContract = Object.entries(contract).filter(
      ([, { role, acceptsBookingLink }]) => role ?? acceptsBookingLink,
    );
    expect(keyRoutes.map(({ name }) => name).toSorted()).toEqual(inContract.map(([name]) => name).toSorted());
    expect(keyRoutes.filter(({ rule }) => rule === undefined)).toEqual([]);
  });

  it('exist for every endpoint that names a place, except for the catalog, which everybody reads without a key', () => {
    expect(contractRoutes.map(({ name }) => name).toSorted()).toEqual(Object.keys(contract).toSorted());
    const without = contractRoutes.filter(({ name, rule }) => !rule && placesOfEndpoint(name).length > 0);
    expect(without.map(({ name }) => name).toSorted()).toEqual([
      'getCinema',
      'getLayout',
      'getQueueProof',
      'getSeats',
      'getShow',
      'listShowtimesOfCinema',
    ]);
    for (const { name } of without) expect(contract[name]).toMatchObject({ method: 'get', needsSession: false });
  });

  it.each(ruledRoutes)('check every place that a call of $name names', ({ name, rule }) => {
    if (typeof rule!.target === 'string') return;
    expect(placesOfRule(rule)).toEqual(placesOfEndpoint(name));
    expect(placesOfRule(rule)).not.toEqual([]);
  });

  it('let sessions sell without a key, but check the key of a seller', () => {
    const ofSessions = routes.filter((route) => hasGuard(route, SessionGuard) && contract[route.name]?.needsSession);
    const [sales, others] = [
      ofSessions.filter(({ rule }) => rule?.permission === 'sell'),
      ofSessions.filter(({ rule }) => !rule),
    ];
    expect(sales.map(({ name }) => name).toSorted()).toEqual([
      'createReservation',
      'joinQueue',
      'redeemAccessCode',
      'startPayment',
    ]);
    // These calls name no place. They read or erase what the session already has.
    expect(others.map(({ name }) => name).toSorted()).toEqual([
      'eraseSessionData',
      'exportSessionData',
      'getPayment',
      'subscribePush',
      'unsubscribePush',
    ]);
  });

  it('apply to every event, because every event names a place', () => {
    expect(events.map(({ name }) => name).toSorted()).toEqual(Object.keys(clientEvents).toSorted());
    const named = Object.entries(clientEvents).map(([name, { payload }]) => [name, placesIn({ body: payload })]);
    expect(Object.fromEntries(events.map(({ name, rule }) => [name, placesOfRule(rule)]))).toEqual(
      Object.fromEntries(named),
    );
    expect(named.filter(([, places]) => places?.length !== 1)).toEqual([]);
    const sales = events.filter(({ rule }) => rule?.permission === 'sell');
    expect(sales.map(({ name }) => name).toSorted()).toEqual([
      'access-code:redeem',
      'queue:join',
      'reservation:create',
    ]);
  });
});
