import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readScannedCode } from './scanned-code.js';

const base64url = (text: string) => Buffer.from(text).toString('base64url');

/**
 * Codes in the form in which the service signs them. Labels may contain any letters, so payloads may contain any
 * base64url character.
 */
const codes = fc
  .tuple(
    fc.uuid(),
    fc.nat(),
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.uint8Array({ minLength: 64, maxLength: 64 }),
  )
  .map(([ticketId, showId, label, signature]) =>
    [
      base64url(JSON.stringify({ alg: 'EdDSA', kid: 'Zy-_4' })),
      base64url(JSON.stringify({ ticketId, showId, seat: 7, label, startsAt: '2026-12-24T19:15:00.000Z' })),
      Buffer.from(signature).toString('base64url'),
    ].join('.'),
  );
const ticketIds = fc.uuid();

const typeOn = (typed: Record<string, string>) => (text: string) =>
  Array.from(text, (character) => typed[character] ?? character).join('');
const german = typeOn({ y: 'z', z: 'y', Y: 'Z', Z: 'Y', '-': 'ß', _: '?', ']': '+' });
const french = typeOn(
  Object.fromEntries(
    Array.from('aqwzAQWZmM1234567890.-_', (meant, at) => [meant, Array.from('qazwQAZW,?&é"\'(-è_çà:)°')[at]!]),
  ),
);
const capsLock = (text: string) =>
  text.replaceAll(/[a-z]/gi, (letter) => (letter < 'a' ? letter.toLowerCase() : letter.toUpperCase()));

describe('a scanned code', () => {
  it.each([
    ['a GS before it', (code: string) => `\u001d${code}`],
    ['a byte-order mark before it', (code: string) => `\ufeff${code}`],
    ['a tab after it', (code: string) => `${code}\t`],
    ['CR and LF after it', (code: string) => `${code}\r\n`],
    ['spaces around it', (code: string) => `  ${code} `],
    ['a symbology identifier', (code: string) => `]Q1${code}`],
    ['a symbology identifier and GS', (code: string) => `]d2\u001d${code}`],
    ['a line break inside it', (code: string) => `${code.slice(0, 9)}\r\n${code.slice(9)}`],
  ])('is cleaned of %s', (_, scan) => {
    fc.assert(
      fc.property(fc.oneof(codes, ticketIds), (code) => {
        expect(readScannedCode(scan(code))).toEqual({ code, isRepaired: false });
      }),
    );
  });

  it.each([
    ['Caps Lock', capsLock],
    ['a German keyboard', german],
    ['a German keyboard with Caps Lock', (code: string) => german(capsLock(code))],
    ['a German keyboard and a symbology identifier', (code: string) => german(`]Q1${code}`)],
    ['a French keyboard', french],
    ['a Spanish keyboard', typeOn({ '-': "'", _: '?' })],
    ['a Swedish keyboard', typeOn({ '-': '+', _: '?' })],
  ])('is restored after %s changed it', (_, scan) => {
    fc.assert(
      fc.property(codes, (code) => {
        // A code without any character that the layout changes arrives as it was.
        expect(readScannedCode(scan(code))).toEqual({ code, isRepaired: scan(code) !== code });
      }),
    );
    fc.assert(
      fc.property(ticketIds, (ticketId) => {
        expect(readScannedCode(scan(ticketId)).code.toLowerCase()).toBe(ticketId);
      }),
    );
  });

  it('loses only its white space if no keyboard layout turns it into a code', () => {
    expect(readScannedCode('a code that is made up')).toEqual({
      code: 'acodethatismadeup',
      isRepaired: false,
    });
    expect(readScannedCode('\u0000\r\n')).toEqual({ code: '', isRepaired: false });
  });
});
