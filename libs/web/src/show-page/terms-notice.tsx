import type { ShowView, TermsChange } from '@usher/client';
import { useEffect, useRef, useState } from 'react';
import { useAnnounce } from '../ui/announcer.js';
import { formatDayAndTime } from '../ui/format.js';

/**
 * Describes what changed in the show while its page was open, one sentence per change. Leaves out a call-off, which
 * other components show.
 */
export function describeTermsChange({ before, after, changedFields, reason }: TermsChange): string[] {
  const { timeZone } = after.cinema;
  const format = (time: string) => formatDayAndTime(time, timeZone);
  const has = (...fields: (typeof changedFields)[number][]) => fields.some((field) => changedFields.includes(field));
  const hasMoved = has('startsAt');
  const sentences = [
    hasMoved && `The show has moved. It now starts on ${format(after.startsAt)} instead of ${format(before.startsAt)}.`,
    has('hall', 'cinema') && `It now takes place in ${after.cinema.name}, ${after.hall.name}.`,
    has('movie') && `It now shows ${after.movie.title}.`,
    has('tiers') && 'The prices have changed. Seats that you hold keep their price.',
    has('saleOpensAt') && after.saleOpensAt !== null && `The sale now starts on ${format(after.saleOpensAt)}.`,
    has('saleClosesAt') && !hasMoved && `The sale now ends on ${format(after.saleClosesAt)}.`,
    has('rules') && 'The rules of the sale have changed.',
  ].filter((sentence) => sentence !== false);
  return reason === null || sentences.length === 0 ? sentences : [...sentences, `Reason: ${reason}`];
}

/** Shows what changed in the show until the user dismisses it, and announces it to screen readers. */
export function TermsNotice({ view: { termsChange: change } }: { readonly view: ShowView }) {
  const announce = useAnnounce();
  const [dismissed, setDismissed] = useState<TermsChange | null>(null);
  const text = change === null ? '' : describeTermsChange(change).join(' ');
  const isCallOff = change?.changedFields.includes('calledOff') === true && change.after.calledOff;
  const announcement = isCallOff ? `This show was called off. ${change.reason ?? ''}` : text;
  const version = change?.after.termsVersion;
  const announcedVersion = useRef<number | undefined>(undefined);
  useEffect(() => {
    // Compares versions, because two changes can have the same text.
    if (announcement === '' || announcedVersion.current === version) return;
    announcedVersion.current = version;
    announce(announcement);
  }, [announce, announcement, version]);
  if (text === '' || change === dismissed) return null;
  return (
    <section className="notice notice-warn" aria-label="The show has changed">
      <p>{text}</p>
      <button type="button" className="button" onClick={() => setDismissed(change)}>
        OK
      </button>
    </section>
  );
}
