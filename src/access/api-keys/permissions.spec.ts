import { readFile } from 'node:fs/promises';
import { expect, it } from '@jest/globals';
import { Role } from '@usher/contract';
import { hasPermission, requirePermission, rolePermissions } from './permissions.js';

it('are documented exactly as the table grants them', async () => {
  const page = await readFile(new URL('../../../docs/security.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `(\w+)` +\| (`[\w`, ]+`) +\|$/gm)];
  const documented = rows.map(([, role, permissions]) => [role, permissions!.replaceAll('`', '').split(', ')]);
  expect(Object.fromEntries(documented)).toEqual(rolePermissions);
});

it('are those of any role of the key', () => {
  expect(hasPermission({ roles: ['gate', 'kiosk'] }, 'sell')).toBe(true);
  expect(hasPermission({ roles: ['gate', 'admin'] }, 'sell')).toBe(false);
  expect(hasPermission({ roles: [...Role.options] }, 'administer')).toBe(true);
});

it('name the roles that would have been right', () => {
  expect(() => requirePermission({ roles: ['gate'] }, 'sell')).toThrow('one of the roles staff, partner, kiosk');
  expect(() => requirePermission({ roles: ['gate'] }, 'administer')).toThrow('with the role admin');
});
