import { createUsher, type Usher } from '@usher/client';
import { createContext, type ReactNode, useContext } from 'react';

const tokenKey = 'usher.token';
const sessionKey = 'usher.session';

/**
 * Connects to the service that served the page. The client continues the session of the last visit if the browser has
 * stored its token.
 *
 * @param linkToken returns the token of the link that opened a booking, or null
 */
export const connect = (linkToken: (bookingId: string) => string | null): Usher =>
  createUsher({
    url: window.location.origin,
    linkToken,
    storage: {
      get: () => localStorage.getItem(tokenKey),
      set: (token, sessionId) => {
        localStorage.setItem(tokenKey, token);
        localStorage.setItem(sessionKey, sessionId ?? '');
      },
    },
  });

/** Returns the id of this browser's session, or null if the browser has not stored it. */
export function readSessionId(): string | null {
  try {
    return localStorage.getItem(sessionKey) || null;
  } catch {
    // The browser does not let this page store anything.
    return null;
  }
}

const UsherContext = createContext<Usher | null>(null);

/** Provides the connection to all components inside, see {@link useUsher}. */
export function UsherProvider({ usher, children }: { readonly usher: Usher; readonly children: ReactNode }) {
  return <UsherContext value={usher}>{children}</UsherContext>;
}

/** Returns the page's connection to the service. */
export function useUsher(): Usher {
  const usher = useContext(UsherContext);
  if (usher === null) throw new Error('useUsher needs an UsherProvider around the component');
  return usher;
}
