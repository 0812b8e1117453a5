import { useState } from 'react';
import { type OperatorAccess, signInPath } from './operator.js';

/** Shows who has signed in, with a button to sign out. Offers the sign-in if nobody has. */
export function OperatorPanel({ access }: { readonly access: OperatorAccess }) {
  const { canSignIn, operator } = access;
  if (!canSignIn) return null;
  if (operator === null) {
    return (
      <section className="panel gate-operator" aria-label="Sign-in">
        <p>Staff sign in with their own account. Devices without a person use a gate key.</p>
        <a className="button button-main" href={signInPath}>
          Sign in
        </a>
      </section>
    );
  }
  return (
    <section className="panel gate-operator" aria-label="Sign-in">
      <p>
        Signed in as <strong>{operator.name}</strong>
      </p>
      {!operator.roles.includes('gate') && (
        <p className="notice notice-bad" role="alert">
          This account has no role “gate”, so it cannot check tickets in.
        </p>
      )}
      <SignOutButton access={access} />
    </section>
  );
}

/** Signs the operator out. */
export function SignOutButton({ access }: { readonly access: OperatorAccess }) {
  const [hasFailed, setHasFailed] = useState(false);
  const signOut = (): void => {
    setHasFailed(false);
    access.signOut().catch(() => setHasFailed(true));
  };
  return (
    <>
      <button type="button" className="button" onClick={signOut}>
        Sign out
      </button>
      {hasFailed && (
        <p className="notice notice-bad" role="alert">
          The service did not answer, so you are still signed in. Please try again.
        </p>
      )}
    </>
  );
}
