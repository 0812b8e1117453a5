import { generateKeyPairSync, sign as signBytes } from 'node:crypto';
import { expect, it } from '@jest/globals';
import type { GateList } from '@usher/contract';
import { readTicketCode } from './ticket-code.js';

const contents = {
  ticketId: '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071',
  showId: 7,
  seat: 0,
  label: 'A1',
  startsAt: '2031-03-30T19:30:00.000Z',
};
const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

const signer = generateKeyPairSync('ed25519');
const { x = '' } = signer.publicKey.export({ format: 'jwk' });
const keys: GateList['keys'] = [{ kty: 'OKP', crv: 'Ed25519', x, kid: 'one', alg: 'EdDSA', use: 'sig' }];

function sign(payload: unknown, header: unknown = { alg: 'EdDSA', kid: 'one' }): string {
  const text = `${base64url(header)}.${base64url(payload)}`;
  return `${text}.${signBytes(null, Buffer.from(text), signer.privateKey).toString('base64url')}`;
}

it('returns the contents of a code that one of the keys signed', async () => {
  expect(await readTicketCode(sign(contents), keys)).toEqual(contents);
});

it('returns null for a code that none of the keys signed or that does not describe a ticket', async () => {
  const good = sign(contents);
  const [header, payload, signature] = good.split('.');
  const codes = [
    '',
    'nonsense',
    'a.b.c',
    `${good}.more`,
    `${header}.${payload}`,
    `${header}.${payload}.`,
    `${header}.${base64url({ ...contents, seat: 1 })}.${signature}`,
    `${base64url({ alg: 'none', kid: 'one' })}.${payload}.${signature}`,
    sign(contents, { alg: 'EdDSA', kid: 'another' }),
    sign(contents, { alg: 'HS256', kid: 'one' }),
    sign(contents, null),
    sign({ ...contents, seat: 'A1' }),
    sign(null),
  ];
  expect(await Promise.all(codes.map((code) => readTicketCode(code, keys)))).toEqual(codes.map(() => null));
  expect(await readTicketCode(good, [])).toBeNull();
});
