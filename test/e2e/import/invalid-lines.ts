/** Returns the NDJSON line of a show whose movie has the ref m. */
export const makeShowLine = (ref: string, hallRef: string, startsAt: string, prices: object, other: object = {}) =>
  JSON.stringify({ kind: 'show', ref, movieRef: 'm', hallRef, startsAt, currency: 'EUR', prices, ...other });

/**
 * Each entry has a file, a line, and the error that the line must cause. In the error, `LINE` is the number of the
 * line.
 */
export const invalidLines: [file: string, line: string | object, complaint: RegExp][] = [
  ['a.ndjson', '{"kind":"movie"', /^a\.ndjson:LINE: is not JSON/],
  [
    'a.ndjson',
    { ref: 'x', title: 'No kind' },
    /^a\.ndjson:LINE: kind: must be one of city, cinema, hall, movie, show$/,
  ],
  [
    'a.ndjson',
    { kind: 'movie', ref: 'x', title: 'T', durationMinutes: 90, rating: 5 },
    /LINE: Unrecognized key: "rating"/,
  ],
  ['a.ndjson', { kind: 'movie', title: 'No ref', durationMinutes: 90 }, /LINE: ref: /],
  [
    'a.ndjson',
    { kind: 'movie', ref: 'm', title: 'Again', durationMinutes: 90 },
    /LINE: ref: m was used before for the movie of movies\.csv:2$/,
  ],
  [
    'a.ndjson',
    { kind: 'movie', ref: 'x', title: 'a\0b', durationMinutes: 90 },
    /LINE: title: must be one line without control characters/,
  ],
  [
    'a.ndjson',
    { kind: 'movie', ref: 'x', title: 'T', durationMinutes: 90, releaseDate: '2026-02-30' },
    /LINE: releaseDate: /,
  ],
  ...['9999-12-31', '0000-01-01'].map((releaseDate): [string, object, RegExp] => [
    'a.ndjson',
    { kind: 'movie', ref: 'x', title: 'T', durationMinutes: 90, releaseDate },
    /LINE: releaseDate: must be in the years 1880 to 2199$/,
  ]),
  ...['9999-12-31T00:00:00Z', '0000-01-01T00:00:00Z', '9999-12-31T23:59:59-18:00'].map(
    (startsAt): [string, object, RegExp] => [
      'a.ndjson',
      { kind: 'show', ref: 'x', movieRef: 'm', hallRef: '1', startsAt, currency: 'EUR', prices: { standard: 1 } },
      /LINE: startsAt: must be in the years 2000 to 2199$/,
    ],
  ),
  [
    'a.ndjson',
    '{"kind":"movie","ref":9007199254740993,"title":"T","durationMinutes":90}',
    /LINE: ref: 9007199254740993 is too/,
  ],
  [
    'a.ndjson',
    { kind: 'city', ref: 'x', name: 'X', country: 'DE', timeZone: 'Mars/North', lat: 1, lon: 1 },
    /LINE: timeZone: must be an IANA time zone/,
  ],
  [
    'a.ndjson',
    { kind: 'cinema', ref: 'x', cityRef: 'atlantis', name: 'X', address: '', postalCode: '', lat: 1, lon: 1 },
    /LINE: cityRef: there is no city atlantis/,
  ],
  [
    'a.ndjson',
    { kind: 'cinema', ref: 'x', cityId: 1, cityRef: 'b', name: 'X', address: '', postalCode: '', lat: 1, lon: 1 },
    /LINE: cityRef: .* only one of them may be given/,
  ],
  [
    'a.ndjson',
    { kind: 'hall', ref: 'x', cinemaRef: 'rex', name: 'X', layout: { text: 'A 3s\nA 3s' } },
    /LINE: layout\.text: line 2: row A/,
  ],
  [
    'a.ndjson',
    { kind: 'hall', ref: 'x', cinemaRef: 'rex', name: 'X', layout: { text: 'A-Z 4000s\nZZ 4001s' } },
    /LINE: layout\.text: line 2: row ZZ: the hall would have more than 100,000 seats/,
  ],
  [
    'a.ndjson',
    {
      kind: 'hall',
      ref: 'x',
      cinemaRef: 'rex',
      name: 'X',
      layout: {
        width: 2,
        height: 2,
        stage: null,
        sections: [{ name: 'S' }],
        seats: [{ label: 'A1', section: 'S', row: 'A', number: '1', x: 5, y: 1, tier: 't', kind: 'standard' }],
      },
    },
    /LINE: layout\.seats\.0\.x: row A of S: seat A1 at 5, 1 is outside the hall/,
  ],
  [
    'a.ndjson',
    makeShowLine('x1', '2', '2031-01-01T20:00:00Z', { standard: 5 }),
    /LINE: prices\.(premium: is missing; the hall has seats of this tier|standard: the hall has no seats)/,
  ],
  [
    'a.ndjson',
    makeShowLine('x2', '1', '2030-12-24T21:00:00Z', { standard: 5 }),
    /LINE: startsAt: the hall has show s at that time$/,
  ],
  [
    'a.ndjson',
    makeShowLine('x3', '1', '24.12.2030 20:00', { standard: 5 }),
    /LINE: startsAt: must be an ISO-8601 time with its offset/,
  ],
  [
    'a.ndjson',
    makeShowLine('x4', '1', '2031-01-01T20:00:00', { standard: 5 }),
    /LINE: startsAt: must be an ISO-8601 time with its offset/,
  ],
  [
    'a.ndjson',
    makeShowLine('x5', '1', '2031-01-01T20:00:00Z', { standard: 5 }, { saleOpensAt: '2032-01-01T00:00:00Z' }),
    /LINE: saleOpensAt: must be before saleClosesAt$/,
  ],
  ['a.ndjson', makeShowLine('x6', '1', '2031-01-01T20:00:00Z', { standard: 1.5 }), /LINE: prices\.standard: /],
  [
    'a.ndjson',
    makeShowLine('x7', '1', '2031-01-01T20:00:00Z', { standard: 5 }, { waitingRoom: { mode: 'on' } }),
    /LINE: waitingRoom\.maxShoppers: /,
  ],
  ...['HRK', 'ZWL', 'BGN', 'XAU', 'XXX', 'CHE'].map((currency): (typeof invalidLines)[number] => [
    'a.ndjson',
    makeShowLine('x1', '1', '2031-01-01T20:00:00Z', { standard: 5 }, { currency }),
    /LINE: currency: must be a currency that is legal tender/,
  ]),
];
