import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import type { Type } from '@nestjs/common';
import { type Endpoint, endpoints } from '@usher/contract';
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
  // A schema with an id is written as a reference to its definition.
  const definition = json.$defs?.[json.$ref?.split('/').at(-1) ?? ''] ?? json;
  return Object.keys(definition.properties ?? {});
}

const placeFields: Readonly<Record<string, string>> = {
  cinemaId: 'cinema',
  hallId: 'hall',
  showId: 'show',
  bookingId: 'booking',
};

describe('the rules for API keys', () => {
  it('exist for every endpoint of the contract that needs or accepts a key', () => {
    const inContract = Object.entries(contract).filter(
      ([, { role, acceptsBookingLink }]) => role ?? acceptsBookingLink,
    );
    expect(keyRoutes.map(({ name }) => name).toSorted()).toEqual(inContract.map(([name]) => name).toSorted());
    expect(keyRoutes.filter(({ rule }) => rule === undefined)).toEqual([]);
  });

  it.each(keyRoutes)('check every place that a call of $name names', ({ name, rule }) => {
    const target = rule!.target;
    if (typeof target === 'string') return;
    const { params, query, body } = contract[name]!;
    const parts = Object.entries({ params, query, body });
    const named = parts.flatMap(([part, schema]) =>
      fieldsOf(schema).flatMap((field) => (placeFields[field] ? [`${placeFields[field]} ${part}.${field}`] : [])),
    );
    expect(
      Object.entries(target)
        .map(([kind, field]) => `${kind} ${field}`)
        .toSorted(),
    ).toEqual(named.toSorted());
    expect(named).not.toEqual([]);
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
    // These calls read, give back or erase what the session already has, or pass a challenge, which sellers never need.
    expect(others.map(({ name }) => name).toSorted()).toEqual([
      'eraseSessionData',
      'exportSessionData',
      'getAccessCodeAllowance',
      'getChallenge',
      'getPayment',
      'getQueue',
      'leaveQueue',
      'solveChallenge',
      'subscribePush',
      'unsubscribePush',
    ]);
  });

  it('apply to every event that opens or sells a show', () => {
    const rules = new Map(events.map(({ name, rule }) => [name, rule]));
    expect(Object.fromEntries(rules)).toEqual({
      'show:join': { target: { show: 'body.showId' }, permission: null },
      'show:leave': undefined,
      'show:sync': undefined,
      'reservation:create': { target: { show: 'body.showId' }, permission: 'sell' },
      'reservation:release': undefined,
      'queue:join': { target: { show: 'body.showId' }, permission: 'sell' },
      'queue:leave': undefined,
      'queue:status': undefined,
      'challenge:get': undefined,
      'challenge:solve': undefined,
      'access-code:redeem': { target: { show: 'body.showId' }, permission: 'sell' },
    });
  });
});
