import type { LineEnd } from '@usher/client';
import { useState } from 'react';
import { describeLineEnd } from './line-text.js';

/** Shows why the wait for seats has ended without seats. `useLineAnnouncements` announces it to screen readers. */
export function LineEndNotice({ lineEnd }: { readonly lineEnd: LineEnd | null }) {
  const [dismissed, setDismissed] = useState<LineEnd | null>(null);
  if (lineEnd === null || lineEnd === dismissed) return null;
  const { title, text } = describeLineEnd(lineEnd);
  return (
    <section className="notice notice-warn" aria-label="The wait is over">
      <p>
        <strong>{title}.</strong> {text}
      </p>
      <button type="button" className="button" onClick={() => setDismissed(lineEnd)}>
        OK
      </button>
    </section>
  );
}
