import { hasCodeForm } from '@usher/contract';
import { type FormEvent, type KeyboardEvent as ReactKeyboardEvent, useEffect, useId, useRef, useState } from 'react';

/** On phones a field with the focus brings up a keyboard, over the answer. */
const hasTouchKeyboard = (): boolean => window.matchMedia('(pointer: coarse)').matches;

/** Scanners type a character every few milliseconds. Nobody types this fast by hand. */
const scannerMsPerCharacterMax = 35;

/** A scanner that sends nothing after a code has ended it when this long nothing follows. */
const endOfScanMs = 120;

interface CodeFieldProps {
  readonly onCode: (code: string) => void;
  /** A new code begins, so the answer to the code before it is out of date. */
  readonly onTyping: () => void;
}

/** Takes codes that are typed, pasted, or sent by a scanner that acts as a keyboard and ends with Enter, Tab or nothing. */
export function CodeField({ onCode, onTyping }: CodeFieldProps) {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const startedAt = useRef(0);
  const [code, setCode] = useState('');
  useFocusOnTyping(field);

  const isTypedByScanner = (now: number): boolean =>
    code.length >= 8 && now - startedAt.current <= code.length * scannerMsPerCharacterMax;

  const submit = (): void => {
    if (code.trim() === '') return;
    onCode(code);
    setCode('');
    if (!hasTouchKeyboard()) field.current?.focus({ preventScroll: true });
  };
  useEffect(() => {
    if (!hasCodeForm(code.trim()) || !isTypedByScanner(performance.now())) return undefined;
    const timer = setTimeout(submit, endOfScanMs);
    return () => clearTimeout(timer);
  });

  const change = (text: string): void => {
    if (code === '') startedAt.current = performance.now();
    onTyping();
    setCode(text);
  };
  const keyDown = (event: ReactKeyboardEvent): void => {
    // After a code that was typed by hand, Tab moves the focus. After a scanned code, Tab ends the code.
    if (event.key !== 'Tab' || event.shiftKey || !isTypedByScanner(performance.now())) return;
    event.preventDefault();
    submit();
  };
  return (
    <form
      className="gate-code"
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        submit();
      }}
    >
      <label htmlFor={id}>Code, or the number under it</label>
      <input
        ref={field}
        id={id}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={4096}
        value={code}
        onChange={(event) => change(event.target.value)}
        onKeyDown={keyDown}
      />
      <button type="submit" className="button button-main">
        Check
      </button>
    </form>
  );
}

/** Gives the field the focus at first, and whenever a scanner types while another element has it. */
function useFocusOnTyping(field: { readonly current: HTMLInputElement | null }): void {
  useEffect(() => {
    if (!hasTouchKeyboard()) field.current?.focus({ preventScroll: true });
    const typed = ({ key, ctrlKey, metaKey, altKey, target }: KeyboardEvent): void => {
      const isText = key.length === 1 && key !== ' ' && !ctrlKey && !metaKey && !altKey;
      const isInField = target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
      if (isText && !isInField) field.current?.focus({ preventScroll: true });
    };
    window.addEventListener('keydown', typed);
    return () => window.removeEventListener('keydown', typed);
  }, [field]);
}
