import type { Role } from '@usher/contract';
import { DomainError } from '../../common/domain-error.js';

/**
 * Something that an API key or an operator may do.
 *
 * - `administer`: change the catalog and the shows, read mails, and manage ticket keys and API keys.
 * - `serveBuyers`: find, read, release and refund any booking, and set its mail address.
 * - `sell`: hold seats, join lines and start payments for a session, over REST, sockets and SOAP.
 * - `manageRisk`: see risk cases, and release what a pattern of sessions holds.
 * - `checkIn`: check tickets in, read gate lists, and upload offline check-ins.
 * - `receiveWebhooks`: register addresses for webhooks, and list and replay their deliveries.
 * - `ownCallBudget`: REST calls count only for the key, and not for the address that it shares with other callers.
 */
export type Permission =
  'administer' | 'serveBuyers' | 'sell' | 'manageRisk' | 'checkIn' | 'receiveWebhooks' | 'ownCallBudget';

/** What each role may do. Only this table decides. The scope of a key limits all of its permissions. */
export const rolePermissions: Readonly<Record<Role, readonly Permission[]>> = {
  admin: ['administer', 'manageRisk'],
  staff: ['serveBuyers', 'sell', 'manageRisk'],
  gate: ['checkIn'],
  partner: ['sell', 'receiveWebhooks'],
  kiosk: ['sell', 'ownCallBudget'],
};

/** Anything that has roles: the holder of an API key, or an operator. */
interface RoleHolder {
  readonly roles: readonly Role[];
}

/** Returns true if one of the roles has the permission. */
export const hasPermission = ({ roles }: RoleHolder, permission: Permission): boolean =>
  roles.some((role) => rolePermissions[role].includes(permission));

/** @throws DomainError `FORBIDDEN` if none of the roles has the permission */
export function requirePermission(holder: RoleHolder, permission: Permission): void {
  if (hasPermission(holder, permission)) return;
  const roles = Object.entries(rolePermissions).flatMap(([role, its]) => (its.includes(permission) ? [role] : []));
  const needed = roles.length === 1 ? `the role ${roles[0]}` : `one of the roles ${roles.join(', ')}`;
  throw new DomainError('FORBIDDEN', `This call needs an API key or an operator with ${needed}.`, {});
}
