/** Values for the placeholders of a path or for the parameters of a query. */
export type UrlValues = Record<string, string | number | undefined>;

/**
 * Returns the URL that the paths of all endpoints are appended to. It has no trailing slash.
 *
 * @throws TypeError if `url` is not an absolute URL
 */
export function baseUrlOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname.replace(/\/+$/, '');
}

/** Fills the placeholders of a path such as `/v1/cities/{cityId}`. */
export function fillPath(path: string, values: UrlValues): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values[name])));
}

/** Returns a query such as `?a=1&b=2` without the undefined values, or an empty string if no value is left. */
export function queryString(values: UrlValues): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) given.set(name, String(value));
  }
  const text = given.toString();
  return text === '' ? '' : `?${text}`;
}
