/**
 * `connecting` until the first map; `live` while the server's room is heard; `reconnecting` while it is not and what is
 * shown may be old; `closed` after the last `close()`, or when the show cannot be opened (see the view's `error`).
 */
export type ShowConnection = 'connecting' | 'live' | 'reconnecting' | 'closed';
