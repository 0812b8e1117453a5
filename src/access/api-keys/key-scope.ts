/** The part of the service for which an API key is valid. If both fields are null, the key is valid everywhere. */
export interface KeyScope {
  /** The only show; null if the scope is not limited to a show. */
  readonly showId: number | null;
  /** The only cinemas; null if the scope is not limited to cinemas. */
  readonly cinemaIds: readonly number[] | null;
}

/** Returns true if a scope contains the whole service. */
export const isUnlimited = ({ showId, cinemaIds }: KeyScope): boolean => showId === null && cinemaIds === null;

/** Returns true if a scope contains a cinema with all its halls and shows. A scope of one show contains no cinema. */
export const coversCinema = ({ showId, cinemaIds }: KeyScope, cinemaId: number): boolean =>
  showId === null && (cinemaIds?.includes(cinemaId) ?? true);

/** Returns true if a scope contains a show of a cinema. */
export const coversShow = (
  scope: KeyScope,
  { showId, cinemaId }: { readonly showId: number; readonly cinemaId: number },
): boolean => (scope.showId ?? showId) === showId && (scope.cinemaIds?.includes(cinemaId) ?? true);

/** Returns true if a scope is not wider than another scope. */
export const isWithin = (inner: KeyScope, outer: KeyScope): boolean =>
  (outer.showId === null || inner.showId === outer.showId) &&
  (outer.cinemaIds === null || (inner.cinemaIds?.every((cinemaId) => outer.cinemaIds?.includes(cinemaId)) ?? false));

/**
 * Returns the SQL condition that a scope contains a show.
 *
 * @param showId the SQL of the show's id
 * @param scope the SQL of the two fields of a {@link KeyScope}, for example two parameters with their types
 */
export const scopeCondition = (
  showId: string,
  scope: { readonly showId: string; readonly cinemaIds: string },
): string =>
  `(${scope.showId} is null or ${scope.showId} = ${showId}) and (${scope.cinemaIds} is null or exists (
    select from show scoped_show join hall scoped_hall on scoped_hall.id = scoped_show.hall_id
    where scoped_show.id = ${showId} and scoped_hall.cinema_id = any(${scope.cinemaIds})))`;
