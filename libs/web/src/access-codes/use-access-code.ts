import { isMistypedAccessCode, type ShowStore, type ShowView, UsherError } from '@usher/client';
import type { AccessCodeAllowance, Show } from '@usher/contract';
import { useEffect, useState } from 'react';
import { describeError } from '../service/refusals.js';
import { useUsher } from '../service/usher-context.js';

/** What the buyer's access codes allow, and the action that uses one. */
export interface AccessCode {
  /** True if the buyer must use a code first. */
  readonly isMissing: boolean;
  /** Null if the show requires no code, or as long as the page does not know the answer. */
  readonly allowance: AccessCodeAllowance | null;
  /** Uses a code. Returns null, or the reason of the refusal in words for the buyer. */
  readonly redeem: (code: string) => Promise<string | null>;
}

interface AccessCodeInput {
  readonly show: Show;
  readonly store: ShowStore;
  readonly view: ShowView;
}

const nothing: AccessCodeAllowance = { seats: 0, until: null };

/** Returns what the access codes of the session allow in a show that requires one. */
export function useAccessCode({ show, store, view }: AccessCodeInput): AccessCode {
  const { accessCodes } = useUsher();
  const [known, setKnown] = useState<AccessCodeAllowance | null>(null);
  const { showId } = show;
  const isRequired = show.codeRequired === true;
  // After a refusal, the page no longer knows what the codes allow. They may have ended.
  const isRefused = view.error?.code === 'CODE_REQUIRED';

  useEffect(() => {
    if (!isRequired || isRefused) return;
    let isWanted = true;
    const set = (allowance: AccessCodeAllowance) => {
      if (isWanted) setKnown(allowance);
    };
    // If the answer fails, the buyer can still enter a code. The service then says what is wrong.
    accessCodes.read(showId).then(set, () => set(nothing));
    return () => {
      isWanted = false;
    };
  }, [accessCodes, showId, isRequired, isRefused]);

  const redeem = async (code: string): Promise<string | null> => {
    if (isMistypedAccessCode(code)) return 'This code contains a typing error. Please check every character.';
    try {
      setKnown(await store.redeemAccessCode(code));
      return null;
    } catch (error) {
      return describeCodeError(error, show.cinema.timeZone);
    }
  };

  const allowance = isRefused ? nothing : known;
  return {
    isMissing: isRefused || (isRequired && allowance?.seats === 0),
    allowance: isRequired ? allowance : null,
    redeem,
  };
}

const describeCodeError = (error: unknown, timeZone: string): string =>
  error instanceof UsherError && error.code === 'NOT_FOUND'
    ? 'This show has no such code. Please check the code and try again.'
    : describeError(error, { timeZone }).text;
