import { type Operator, OperatorStatus, SignedOut } from '@usher/contract';
import { useCallback, useEffect, useState } from 'react';

const timeoutMs = 5000;

/** The path that starts a sign-in and returns to this page. */
export const signInPath = '/v1/operators/sign-in?returnTo=/gate';

/** Who has signed in with this browser. Null until the service has answered, for example without the network. */
export interface OperatorAccess {
  readonly canSignIn: boolean;
  readonly operator: Operator | null;
  /** Signs out here and at the identity provider. Rejects if the service does not answer. */
  readonly signOut: () => Promise<void>;
}

/** Reads who has signed in. The browser sends the cookie, which scripts cannot read. */
export function useOperator(): OperatorAccess | null {
  const [status, setStatus] = useState<OperatorStatus | null>(null);
  useEffect(() => {
    let isWanted = true;
    readStatus().then(
      (read) => {
        if (isWanted) setStatus(read);
      },
      // Without the service, a gate with a key still works, so the page only offers no sign-in.
      () => undefined,
    );
    return () => {
      isWanted = false;
    };
  }, []);
  const signOut = useCallback(async () => {
    const { providerUrl } = SignedOut.parse(await callService('/v1/operators/sign-out', { method: 'POST' }));
    setStatus((known) => known && { ...known, operator: null });
    if (providerUrl !== null) window.location.assign(providerUrl);
  }, []);
  return status && { ...status, signOut };
}

const readStatus = async (): Promise<OperatorStatus> => OperatorStatus.parse(await callService('/v1/operators/me'));

async function callService(path: string, init: RequestInit = {}): Promise<unknown> {
  const response = await fetch(path, { ...init, signal: AbortSignal.timeout(timeoutMs) });
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return response.json();
}
