import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { boxAround, distanceKm } from './near.js';

const berlin = { lat: 52.52, lon: 13.405 };
const point = fc.record({
  lat: fc.double({ min: -90, max: 90, noNaN: true }),
  lon: fc.double({ min: -180, max: 180, noNaN: true }),
});

describe('distanceKm', () => {
  it('returns the known distances between cities', () => {
    expect(distanceKm(berlin, { lat: 48.1372, lon: 11.5755 })).toBeCloseTo(504, 0);
    expect(distanceKm(berlin, berlin)).toBe(0);
    expect(distanceKm({ lat: 0, lon: 179.5 }, { lat: 0, lon: -179.5 })).toBeCloseTo(111.2, 0);
    expect(distanceKm({ lat: 90, lon: 0 }, { lat: -90, lon: 0 })).toBeCloseTo(20_015, 0);
  });
});

describe('boxAround', () => {
  it('contains every point within the distance, even across the date line and at the poles', () => {
    fc.assert(
      fc.property(point, point, fc.double({ min: 0.001, max: 1000, noNaN: true }), (centre, other, radiusKm) => {
        // This point has nearly the same latitude as the centre, so it is within the distance more often than the other
        // point.
        const near = { lat: centre.lat + (other.lat - centre.lat) * 0.05, lon: other.lon };
        for (const place of [other, near]) {
          if (distanceKm(centre, place) > radiusKm) continue;
          const { latFrom, latTo, lon } = boxAround(centre, radiusKm);
          expect(place.lat >= latFrom && place.lat <= latTo).toBe(true);
          if (lon === null) continue;
          const isIn =
            lon.from <= lon.to
              ? place.lon >= lon.from && place.lon <= lon.to
              : place.lon >= lon.from || place.lon <= lon.to;
          expect(isIn).toBe(true);
        }
      }),
    );
  });

  it('is not much larger than necessary', () => {
    expect(boxAround(berlin, 111.2)).toMatchObject({
      latFrom: expect.closeTo(51.52, 2),
      latTo: expect.closeTo(53.52, 2),
      lon: { from: expect.closeTo(11.76, 1), to: expect.closeTo(15.05, 1) },
    });
    expect(boxAround({ lat: 0, lon: 179.5 }, 111.2).lon).toEqual({
      from: expect.closeTo(178.5, 2),
      to: expect.closeTo(-179.5, 2),
    });
    expect(boxAround({ lat: 89.9, lon: 0 }, 50).lon).toBeNull();
  });
});
