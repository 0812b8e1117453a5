import type { ShowView, TermsChange } from '@usher/client';
import { useEffect, useRef, useState } from 'react';
import { useAnnounce } from '../ui/announcer.js';
import { formatDayAndTime } from '../ui/format.js';

/** What changed of the show while its page was open, in words, one sentence per change. A call-off is said elsewhere. */
export function describeTermsChange({ before, after, changedFields, reason }: TermsChange): string[] {
  const { timeZone } = after.cinema;
  const at = (time: string) => formatDayAndTime(time, timeZone);
  const has = (...fields: (typeof changedFields)[number][]) => fields.some((field) => changedFields.includes(field));
  const isMoved = has('startsAt');
  const sentences = [
    isMoved && `The show has moved: it starts on ${at(after.startsAt)}, and not on ${at(before.startsAt)}.`,
    has('hall', 'cinema') && `It plays in ${after.cinema.name}, ${after.hall.name}.`,
    has('movie') && `It shows ${after.movie.title}.`,
    has('tiers') && 'The prices have changed. Seats that you hold keep theirs.',
    has('saleOpensAt') && after.saleOpensAt !== null && `The sale opens on ${at(after.saleOpensAt)}.`,
    has('saleClosesAt') && !isMoved && `The sale closes on ${at(after.saleClosesAt)}.`,
    has('rules') && 'The rules of the sale have changed.',
  ].filter((sentence) => sentence !== false);
  return reason === null || sentences.length === 0 ? sentences : [...sentences, `Reason: ${reason}`];
}

/** Says what changed of the show, aloud and on the page, until it is dismissed. */
export function TermsNotice({ view: { termsChange: change } }: { readonly view: ShowView }) {
  const announce = useAnnounce();
  const [dismissed, setDismissed] = useState<TermsChange | null>(null);
  const words = change === null ? '' : describeTermsChange(change).join(' ');
  const calledOff = change?.changedFields.includes('calledOff') === true && change.after.calledOff;
  const spoken = calledOff ? `This show was called off. ${change.reason ?? ''}` : words;
  const saidVersion = change?.after.termsVersion;
  const said = useRef<number | undefined>(undefined);
  useEffect(() => {
    // The same words again are another change.
    if (spoken === '' || said.current === saidVersion) return;
    said.current = saidVersion;
    announce(spoken);
  }, [announce, saidVersion, spoken]);
  if (words === '' || change === dismissed) return null;
  return (
    <section className="notice notice-warn" aria-label="The show has changed">
      <p>{words}</p>
      <button type="button" className="button" onClick={() => setDismissed(change)}>
        OK
      </button>
    </section>
  );
}
