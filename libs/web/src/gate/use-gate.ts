import { createGate, type Gate, type GateView } from '@usher/client';
import { useCallback, useRef, useState } from 'react';
import { useAnnounce } from '../ui/announcer.js';
import { type OpenStore, useOpenStore } from '../service/use-open-store.js';
import type { GateSettings } from './gate-settings.js';
import { gateStorage } from './gate-storage.js';
import { signalVerdict } from './verdict-signal.js';
import { describeFault, type Verdict, describeAnswer } from './verdict-text.js';

/** An open gate and what is known of it at this moment. */
export type OpenGate = OpenStore<GateView, Gate>;

/** The gate of the settings for as long as the component is on the page; null in the moment before it is opened. */
export function useGate({ apiKey, showId, name }: GateSettings): OpenGate | null {
  const open = useCallback(() => {
    const url = window.location.origin;
    return createGate({ url, apiKey, showId, storage: gateStorage, ...(name !== '' && { name }) });
  }, [apiKey, showId, name]);
  return useOpenStore(open);
}

/** What became of the last code: nothing was read yet, it is on its way, or the answer in words. */
export type CheckState = Verdict | 'checking' | null;

/** Checks one code after the other, in the order in which they were read, and says, beeps and shakes what comes of each. */
export function useCodeCheck(gate: Gate) {
  const announce = useAnnounce();
  const [checked, setChecked] = useState<CheckState>(null);
  const before = useRef<Promise<void>>(Promise.resolve());
  const check = useCallback(
    (code: string): void => {
      const say = (verdict: Verdict): void => {
        setChecked(verdict);
        announce(`${verdict.title}. ${verdict.text}`, 'assertive');
        signalVerdict(verdict.kind);
      };
      setChecked('checking');
      before.current = before.current
        .then(() => gate.check(code))
        .then(
          (answer) => say(describeAnswer(answer)),
          (error: unknown) => say(describeFault(error)),
        );
    },
    [gate, announce],
  );
  const clear = useCallback(() => setChecked(null), []);
  // An answer that is on its way stays awaited.
  const startTyping = useCallback(() => setChecked((now) => (now === 'checking' ? now : null)), []);
  return { checked, check, clear, startTyping };
}
