/** A point on the earth in degrees. */
export interface Point {
  readonly lat: number;
  readonly lon: number;
}

/** A box that contains all points within a distance of a point. */
export interface Box {
  readonly latFrom: number;
  readonly latTo: number;
  /**
   * Null if the box contains all longitudes, which happens near a pole. A range from 170 to -170 crosses the date line.
   */
  readonly lon: { readonly from: number; readonly to: number } | null;
}

const earthRadiusKm = 6371.0088;
const radians = (degrees: number): number => (degrees * Math.PI) / 180;
const degrees = (radian: number): number => (radian * 180) / Math.PI;

/**
 * Returns the distance between two points in kilometres, rounded to the metre. The result of the haversine formula
 * differs by at most 0.6% from the distance on an ellipsoid.
 */
export function distanceKm(a: Point, b: Point): number {
  const half = (from: number, to: number) => Math.sin(radians(to - from) / 2) ** 2;
  const h = half(a.lat, b.lat) + Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * half(a.lon, b.lon);
  return Math.round(2 * earthRadiusKm * Math.asin(Math.min(1, Math.sqrt(h))) * 1000) / 1000;
}

/** Returns a box that contains all points within a radius of a point. */
export function boxAround({ lat, lon }: Point, radiusKm: number): Box {
  // The box is half a metre larger in each direction, because distances are rounded to the metre.
  const angle = (radiusKm + 0.0005) / earthRadiusKm;
  const [latFrom, latTo] = [lat - degrees(angle), lat + degrees(angle)];
  if (latFrom <= -90 || latTo >= 90) return { latFrom, latTo, lon: null };
  const reach = degrees(Math.asin(Math.min(1, Math.sin(angle) / Math.cos(radians(lat)))));
  if (reach >= 180) return { latFrom, latTo, lon: null };
  const around = (value: number): number => ((((value + 180) % 360) + 360) % 360) - 180;
  return { latFrom, latTo, lon: { from: around(lon - reach), to: around(lon + reach) } };
}
