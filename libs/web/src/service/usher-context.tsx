import { createUsher, type Usher } from '@usher/client';
import { createContext, type ReactNode, useContext } from 'react';

const tokenKey = 'usher.token';
const sessionKey = 'usher.session';

/** Connects to the service that served the page, with the session of the last visit if there was one. */
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

/** The number of this browser's session; null where that is not known. */
export function readSessionId(): string | null {
  try {
    return localStorage.getItem(sessionKey) || null;
  } catch {
    // The browser keeps nothing for this page.
    return null;
  }
}

const UsherContext = createContext<Usher | null>(null);

/** Gives {@link useUsher} to everything inside. */
export function UsherProvider({ usher, children }: { readonly usher: Usher; readonly children: ReactNode }) {
  return <UsherContext value={usher}>{children}</UsherContext>;
}

/** The page's connection. */
export function useUsher(): Usher {
  const usher = useContext(UsherContext);
  if (usher === null) throw new Error('useUsher is for what is inside UsherProvider');
  return usher;
}
