import { applyDecorators, SetMetadata } from '@nestjs/common';
import type { Permission } from '../api-keys/permissions.js';

/** The kinds of things whose cinema a call can name. */
export type PlaceKind = 'cinema' | 'hall' | 'show' | 'booking';

/** Where a call names a place: a field of the path, of the query, or of the body (on sockets, of the payload). */
export type PlaceField = `${'params' | 'query' | 'body'}.${string}`;

/**
 * Which keys may make a call.
 *
 * - `service`: the call concerns the whole service, so the key must not be limited to cinemas or a show.
 * - `filtered`: the handler itself reads and changes only what is in the scope of the key.
 * - The fields in which the call names its places. All places must be in the scope of the key. A field that the call
 *   leaves out names no place.
 */
export type KeyTarget = 'service' | 'filtered' | Readonly<Partial<Record<PlaceKind, PlaceField>>>;

/** The rule for calls that have an API key. A guard checks it before the handler runs. */
export interface KeyRule {
  readonly target: KeyTarget;
  /** The permission that the key needs. Null if another guard checks the permission. */
  readonly permission: Permission | null;
}

/** Metadata key of the {@link KeyRule} of a handler or a controller. */
export const keyRuleKey = 'API key rule';

const setRule = (rule: KeyRule) => applyDecorators(SetMetadata(keyRuleKey, rule));

/** States which part of the service the calls of a handler or a controller concern. See {@link KeyTarget}. */
export const KeyScoped = (target: KeyTarget) => setRule({ target, permission: null });

/** Like {@link KeyScoped}, for calls that sell. They need no key, but if they have one, it must be a seller's key. */
export const SellerScoped = (target: KeyTarget) => setRule({ target, permission: 'sell' });
