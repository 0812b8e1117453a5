import { generateKeyPairSync, sign as signBytes } from 'node:crypto';
import { expect, it } from '@jest/globals';
import type { GateList } from '@usher/contract';
import { readTicketCode } from './ticket-code.js';

const said = {
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

it('reads what a code says that one of the keys signed', async () => {
  expect(await readTicketCode(sign(said), keys)).toEqual(said);
});

it('reads nothing in what none of the keys signed, or says what no ticket says', async () => {
  const good = sign(said);
  const [header, payload, signature] = good.split('.');
  const codes = [
    '',
    'nonsense',
    'a.b.c',
    `${good}.more`,
    `${header}.${payload}`,
    `${header}.${payload}.`,
    `${header}.${base64url({ ...said, seat: 1 })}.${signature}`,
    `${base64url({ alg: 'none', kid: 'one' })}.${payload}.${signature}`,
    sign(said, { alg: 'EdDSA', kid: 'another' }),
    sign(said, { alg: 'HS256', kid: 'one' }),
    sign(said, null),
    sign({ ...said, seat: 'A1' }),
    sign(null),
  ];
  expect(await Promise.all(codes.map((code) => readTicketCode(code, keys)))).toEqual(codes.map(() => null));
  expect(await readTicketCode(good, [])).toBeNull();
});
