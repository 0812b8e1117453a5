import { createUsher, type Usher } from '@usher/client';
import { createContext, type ReactNode, useContext } from 'react';

const tokenKey = 'usher.token';

/** Connects to the service that served the page, with the session of the last visit if there was one. */
export const connect = (): Usher =>
  createUsher({
    url: window.location.origin,
    storage: {
      get: () => localStorage.getItem(tokenKey),
      set: (token) => localStorage.setItem(tokenKey, token),
    },
  });

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
