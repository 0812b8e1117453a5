import { expect, it } from '@jest/globals';
import { parseInvitation } from './invited-code.js';

it('finds the show and the code in the address of a link from an invitation', () => {
  const found = parseInvitation({ pathname: '/shows/12', search: '?code=BCDFG-HJKMN&lang=de' });
  expect(found).toEqual({ showId: 12, code: 'BCDFG-HJKMN', search: '?lang=de' });
  expect(parseInvitation({ pathname: '/shows/12/', search: '?code=%20FAN%20CLUB%20' })).toEqual({
    showId: 12,
    code: 'FAN CLUB',
    search: '',
  });
});

it.each([
  ['/shows/12', ''],
  ['/shows/12', '?code='],
  ['/shows/x', '?code=A'],
  ['/bookings', '?code=A'],
])('finds no invitation in the address %s%s', (pathname, search) => {
  expect(parseInvitation({ pathname, search })).toBeNull();
});
