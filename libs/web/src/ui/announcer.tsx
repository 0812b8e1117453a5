import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from 'react';

/** Makes screen readers read a text: `polite` at the next pause, `assertive` immediately. */
export type Announce = (text: string, urgency?: 'polite' | 'assertive') => void;

const AnnounceContext = createContext<Announce>(() => undefined);

/** Returns the page's {@link Announce} function. */
export const useAnnounce = (): Announce => useContext(AnnounceContext);

/**
 * Adds a trailing no-break space if the text did not change, because screen readers ignore a live region that gets the same
 * text again.
 */
const asNewText = (before: string, text: string): string => (before === text ? `${text}\u00A0` : text);

/**
 * Renders the page's two live regions. They exist from the start, because screen readers ignore a region that appears
 * together with its text.
 */
export function Announcer({ children }: { readonly children: ReactNode }) {
  const [polite, setPolite] = useState('');
  const [assertive, setAssertive] = useState('');
  const pendingTexts = useRef<string[]>([]);

  // Joins all polite texts of one task. Otherwise screen readers would read only the last one.
  const flush = useCallback(() => {
    const text = pendingTexts.current.join(' ');
    pendingTexts.current = [];
    setPolite((before) => asNewText(before, text));
  }, []);

  const announce = useCallback<Announce>(
    (text, urgency = 'polite') => {
      if (urgency === 'assertive') {
        setAssertive((before) => asNewText(before, text));
        return;
      }
      if (pendingTexts.current.length === 0) queueMicrotask(flush);
      pendingTexts.current.push(text);
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
