import { createGate, type Gate, type GateView } from '@usher/client';
import { useCallback, useRef, useState } from 'react';
import { type OpenStore, useOpenStore } from '../service/use-open-store.js';
import { useAnnounce } from '../ui/announcer.js';
import type { GateSettings } from './gate-settings.js';
import { gateStorage } from './gate-storage.js';
import { signalVerdict } from './verdict-signal.js';
import { describeAnswer, describeFault, type Verdict } from './verdict-text.js';

/** An open gate and its current view. */
export type OpenGate = OpenStore<GateView, Gate>;

/**
 * Keeps the gate with these settings open as long as the component is on the page. Returns null until the gate is open.
 */
export function useGate({ apiKey, showId, name }: GateSettings): OpenGate | null {
  const open = useCallback(() => {
    const url = window.location.origin;
    return createGate({ url, apiKey: apiKey ?? undefined, showId, storage: gateStorage, ...(name !== '' && { name }) });
  }, [apiKey, showId, name]);
  return useOpenStore(open);
}

/** State of the last code: its answer, or `checking` while the gate checks the code. Null if there is no code. */
export type CheckState = Verdict | 'checking' | null;

/** Checks codes one after another in the order of scanning. Shows, announces and signals each answer. */
export function useCodeCheck(gate: Gate) {
  const announce = useAnnounce();
  const [checkState, setCheckState] = useState<CheckState>(null);
  const previousCheck = useRef<Promise<void>>(Promise.resolve());
  const check = useCallback(
    (code: string): void => {
      const report = (verdict: Verdict): void => {
        setCheckState(verdict);
        announce(`${verdict.title}. ${verdict.text}`, 'assertive');
        signalVerdict(verdict.kind);
      };
      setCheckState('checking');
      previousCheck.current = previousCheck.current
        .then(() => gate.check(code))
        .then(
          (answer) => report(describeAnswer(answer)),
          (error: unknown) => report(describeFault(error)),
        );
    },
    [gate, announce],
  );
  const clear = useCallback(() => setCheckState(null), []);
  // If a check is running, it continues and shows its answer later.
  const clearAnswer = useCallback(() => setCheckState((state) => (state === 'checking' ? state : null)), []);
  return { checkState, check, clear, clearAnswer };
}
