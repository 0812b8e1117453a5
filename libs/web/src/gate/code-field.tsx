import { hasCodeForm } from '@usher/contract';
import { type FormEvent, type KeyboardEvent as ReactKeyboardEvent, useEffect, useId, useRef, useState } from 'react';

/** Returns true on phones, where a focused field opens a keyboard that covers the answer. */
const hasTouchKeyboard = (): boolean => window.matchMedia('(pointer: coarse)').matches;

/** Maximum time per character at which typing counts as a scan. Scanners need a few milliseconds, people need more. */
const scannerMsPerCharacterMax = 35;

/** Some scanners send no key after a code. A pause of this length then ends the code. */
const endOfScanMs = 120;

interface CodeFieldProps {
  readonly onCode: (code: string) => void;
  /** Called whenever the text changes, so that the previous answer disappears. */
  readonly onTyping: () => void;
}

/**
 * Accepts codes that are typed or pasted, or that come from a keyboard scanner. Some scanners end a code with Enter or
 * Tab, and others send no key after it.
 */
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

  const changeCode = (text: string): void => {
    if (code === '') startedAt.current = performance.now();
    onTyping();
    setCode(text);
  };
  const onKeyDown = (event: ReactKeyboardEvent): void => {
    // After a code that was typed by hand, Tab moves the focus. After a scanned code, Tab submits the code.
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
      <label htmlFor={id}>Ticket code or number</label>
      <input
        ref={field}
        id={id}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={4096}
        value={code}
        onChange={(event) => changeCode(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <button type="submit" className="button button-main">
        Check
      </button>
    </form>
  );
}

/** Focuses the field at the start, and whenever a scanner types while another element has the focus. */
function useFocusOnTyping(field: { readonly current: HTMLInputElement | null }): void {
  useEffect(() => {
    if (!hasTouchKeyboard()) field.current?.focus({ preventScroll: true });
    const onType = ({ key, ctrlKey, metaKey, altKey, target }: KeyboardEvent): void => {
      const isText = key.length === 1 && key !== ' ' && !ctrlKey && !metaKey && !altKey;
      const isInField = target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
      if (isText && !isInField) field.current?.focus({ preventScroll: true });
    };
    window.addEventListener('keydown', onType);
    return () => window.removeEventListener('keydown', onType);
  }, [field]);
}
