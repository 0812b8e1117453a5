import { describe, expect, it } from '@jest/globals';
import { toPerson } from './operator-claims.js';

const oidc = {
  issuer: 'https://id.example/realms/cinema',
  clientId: 'usher',
  clientSecret: null,
  scopes: 'openid',
  rolesClaim: 'usher_roles',
  cinemasClaim: 'usher_cinemas',
};

const read = (claims: object, settings: Partial<typeof oidc> = {}) =>
  toPerson({ ...claims }, 'subject-1', { ...oidc, ...settings });

describe('the roles of a person', () => {
  it.each([
    ['an array', ['gate', 'admin']],
    ['a text with spaces', 'admin gate'],
    ['a text with commas', 'gate,admin'],
  ])('come from %s', (_, roles) => {
    expect(read({ usher_roles: roles }).roles).toEqual(['admin', 'gate']);
  });

  it('are only those that the service knows, exactly as they are spelled', () => {
    expect(read({ usher_roles: ['Admin', 'administrator', 'cook', 'gate ', { admin: true }, null] }).roles).toEqual([]);
    expect(read({ usher_roles: { admin: true } }).roles).toEqual([]);
    expect(read({}).roles).toEqual([]);
  });

  it('come from the claim of the settings, which is a name or a path', () => {
    const claims = { realm_access: { roles: ['staff'] }, 'https://cinema.example/roles': ['gate'] };
    expect(read(claims, { rolesClaim: 'realm_access.roles' }).roles).toEqual(['staff']);
    expect(read(claims, { rolesClaim: 'https://cinema.example/roles' }).roles).toEqual(['gate']);
    for (const rolesClaim of ['realm_access.roles.0', 'realm_access.__proto__', 'constructor.name', 'toString']) {
      expect(read(claims, { rolesClaim }).roles).toEqual(rolesClaim.endsWith('.0') ? ['staff'] : []);
    }
  });
});

describe('the cinemas of a person', () => {
  it.each([
    ['numbers', [7, 9, 7], [7, 9]],
    ['texts', ['7', '9'], [7, 9]],
    ['one number', 7, [7]],
    ['a list in a text', '7, 9', [7, 9]],
    ['a star', '*', null],
    ['the word all', ['all'], null],
    ['nothing', undefined, []],
    ['null', null, []],
    ['an empty list', [], []],
    ['an empty text', '', []],
    ['what are no ids', [0, -1, 1.5, 1e300, 'x', true, ['*'], { all: true }], []],
  ])('come from %s', (_, cinemas, expected) => {
    expect(read({ usher_cinemas: cinemas }).cinemaIds).toEqual(expected);
  });
});

describe('the name of a person', () => {
  it('is the best that the identity provider states, in one line', () => {
    expect(read({ name: 'Ada\nAdmin', preferred_username: 'ada', email: 'ada@example.com' }).name).toBe('Ada Admin');
    expect(read({ name: ' ', preferred_username: 'ada', email: 'ada@example.com' }).name).toBe('ada');
    expect(read({ email: 'ada@example.com' })).toMatchObject({ name: 'ada@example.com', email: 'ada@example.com' });
    expect(read({})).toMatchObject({ name: 'subject-1', email: null });
    expect(read({ name: 'x'.repeat(300), email: 'y'.repeat(400) })).toMatchObject({
      name: 'x'.repeat(200),
      email: null,
    });
  });

  it('is not what identifies the person', () => {
    expect(read({ name: 'Ada' }).personId).toBe('https://id.example/realms/cinema#subject-1');
  });
});
