import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from 'react';

/** Says something to whoever listens with a screen reader: at the next pause, or (`assertive`) at once. */
export type Announce = (text: string, urgency?: 'polite' | 'assertive') => void;

const AnnounceContext = createContext<Announce>(() => undefined);

/** {@link Announce} of the page. */
export const useAnnounce = (): Announce => useContext(AnnounceContext);

// A live region that is given the same text twice says it once; a trailing no-break space makes it another text.
const asNewText = (before: string, text: string): string => (before === text ? `${text}\u00A0` : text);

/** Holds the page's two live regions. They are there from the start: a region that comes with its text is not heard. */
export function Announcer({ children }: { readonly children: ReactNode }) {
  const [polite, setPolite] = useState('');
  const [assertive, setAssertive] = useState('');
  const queued = useRef<string[]>([]);

  // Several polite things of one moment become one sentence after the other instead of the last one only.
  const flush = useCallback(() => {
    const text = queued.current.join(' ');
    queued.current = [];
    setPolite((before) => asNewText(before, text));
  }, []);

  const announce = useCallback<Announce>(
    (text, urgency = 'polite') => {
      if (urgency === 'assertive') {
        setAssertive((before) => asNewText(before, text));
        return;
      }
      if (queued.current.length === 0) queueMicrotask(flush);
      queued.current.push(text);
    },
    [flush],
  );

  return (
    <AnnounceContext value={announce}>
      {children}
      <div className="visually-hidden">
        <p role="status" data-announced="polite">
          {polite}
        </p>
        <p role="alert" data-announced="assertive">
          {assertive}
        </p>
      </div>
    </AnnounceContext>
  );
}
