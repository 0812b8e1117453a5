import { Id, Role } from '@usher/contract';
import type { OidcConfig } from '../../config/oidc.js';

/** The claims of a person, from the ID token and the user info of the identity provider. */
export type Claims = Readonly<Record<string, unknown>>;

/** A person at the identity provider, and what the person may do. */
export interface Person {
  /** The issuer and the subject, joined by `#`. */
  readonly personId: string;
  readonly name: string;
  readonly email: string | null;
  readonly roles: readonly Role[];
  /** The only cinemas in which the roles are valid; null for the whole service. */
  readonly cinemaIds: readonly number[] | null;
}

const nameCharsMax = 200;
const emailCharsMax = 320;

/** Values of the cinemas claim that stand for the whole service. */
const wholeService = ['*', 'all'];

/** Reads a person from the claims. Roles and cinemas that this service does not know are ignored. */
export function toPerson(claims: Claims, subject: string, oidc: OidcConfig): Person {
  const email = lineOf(claims['email']);
  return {
    personId: `${oidc.issuer}#${subject}`,
    name: (lineOf(claims['name']) ?? lineOf(claims['preferred_username']) ?? email ?? subject)
      .slice(0, nameCharsMax)
      .toWellFormed(),
    email: email !== null && email.length <= emailCharsMax ? email : null,
    roles: rolesOf(findClaim(claims, oidc.rolesClaim)),
    cinemaIds: cinemasOf(findClaim(claims, oidc.cinemasClaim)),
  };
}

/**
 * Returns the value of a claim. Names such as `https://cinema.example/roles` contain dots, so a claim with exactly this
 * name comes first. Otherwise the name is a path, such as `realm_access.roles`.
 */
function findClaim(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  let value: unknown = claims;
  for (const part of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = Reflect.get(value, part);
  }
  return value;
}

/** Returns the entries of a claim: those of an array, or those of a text that is separated by spaces or commas. */
function entriesOf(claim: unknown): string[] {
  const list: unknown[] = Array.isArray(claim) ? claim : typeof claim === 'string' ? claim.split(/[\s,]+/) : [claim];
  return list.filter((entry) => typeof entry === 'string' || typeof entry === 'number').map(String);
}

function rolesOf(claim: unknown): Role[] {
  const entries = entriesOf(claim);
  return Role.options.filter((role) => entries.includes(role));
}

/** A missing claim gives no cinema, because a mistake in its name must not open the whole service. */
function cinemasOf(claim: unknown): number[] | null {
  const entries = entriesOf(claim);
  if (entries.some((entry) => wholeService.includes(entry))) return null;
  const ids = entries.flatMap((entry) => Id.safeParse(Number(entry)).data ?? []);
  return [...new Set(ids)];
}

/** Characters that break a line or reorder the text after them. No name of the contract contains them. */
const lineBreakers = /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]+/gu;

/** Returns a text in one line, or null if the value is no text or is empty. */
function lineOf(value: unknown): string | null {
  const line = typeof value === 'string' ? value.toWellFormed().replaceAll(lineBreakers, ' ').trim() : '';
  return line === '' ? null : line;
}
