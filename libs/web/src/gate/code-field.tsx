import { type FormEvent, useEffect, useId, useRef, useState } from 'react';

/** On phones a field with the focus brings up a keyboard, over the answer. */
const hasTouchKeyboard = (): boolean => window.matchMedia('(pointer: coarse)').matches;

/** Takes codes that are typed, pasted, or sent by a scanner that acts as a keyboard and ends with Enter. */
export function CodeField({ onCode }: { readonly onCode: (code: string) => void }) {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const [code, setCode] = useState('');

  useEffect(() => {
    if (!hasTouchKeyboard()) field.current?.focus({ preventScroll: true });
    // A scanner types wherever the focus was left, on a button for instance: what it types belongs here.
    const typed = ({ key, ctrlKey, metaKey, altKey, target }: KeyboardEvent): void => {
      const isText = key.length === 1 && key !== ' ' && !ctrlKey && !metaKey && !altKey;
      const isInField = target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
      if (isText && !isInField) field.current?.focus({ preventScroll: true });
    };
    window.addEventListener('keydown', typed);
    return () => window.removeEventListener('keydown', typed);
  }, []);

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (code.trim() === '') return;
    onCode(code);
    setCode('');
    if (!hasTouchKeyboard()) field.current?.focus({ preventScroll: true });
  };
  return (
    <form className="gate-code" onSubmit={submit}>
      <label htmlFor={id}>Code, or the number under it</label>
      <input
        ref={field}
        id={id}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={4096}
        value={code}
        onChange={(event) => setCode(event.target.value)}
      />
      <button type="submit" className="button button-main">
        Check
      </button>
    </form>
  );
}
