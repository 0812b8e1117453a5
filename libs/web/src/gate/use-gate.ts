import { createGate, type Gate, type GateView } from '@usher/client';
import { useCallback, useRef, useState } from 'react';
import { useAnnounce } from '../ui/announcer.js';
import { type Opened, useOpenStore } from '../ui/use-open-store.js';
import type { GateSettings } from './gate-settings.js';
import { gateStorage } from './gate-storage.js';
import { signal } from './signals.js';
import { faultOf, type Verdict, verdictOf } from './verdict-words.js';

/** An open gate and what is known of it at this moment. */
export type OpenGate = Opened<GateView, Gate>;

/** The gate of the settings for as long as the component is on the page; null in the moment before it is opened. */
export function useGate({ apiKey, showId, name }: GateSettings): OpenGate | null {
  const open = useCallback(() => {
    const url = window.location.origin;
    return createGate({ url, apiKey, showId, storage: gateStorage, ...(name !== '' && { name }) });
  }, [apiKey, showId, name]);
  return useOpenStore(open);
}

/** What became of the last code: nothing was read yet, it is on its way, or the answer in words. */
export type Checked = Verdict | 'checking' | null;

/** Checks one code after the other, in the order in which they were read, and says, beeps and shakes what comes of each. */
export function useChecking(gate: Gate) {
  const announce = useAnnounce();
  const [checked, setChecked] = useState<Checked>(null);
  const before = useRef<Promise<void>>(Promise.resolve());
  const check = useCallback(
    (code: string): void => {
      const say = (verdict: Verdict): void => {
        setChecked(verdict);
        announce(`${verdict.title}. ${verdict.text}`, 'assertive');
        signal(verdict.kind);
      };
      setChecked('checking');
      before.current = before.current
        .then(() => gate.check(code))
        .then(
          (answer) => say(verdictOf(answer)),
          (error: unknown) => say(faultOf(error)),
        );
    },
    [gate, announce],
  );
  const clear = useCallback(() => setChecked(null), []);
  // An answer that is on its way stays awaited.
  const startTyping = useCallback(() => setChecked((now) => (now === 'checking' ? now : null)), []);
  return { checked, check, clear, startTyping };
}
