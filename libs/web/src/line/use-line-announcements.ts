import type { ShowView } from '@usher/client';
import type { Queue } from '@usher/contract';
import { useEffect, useRef } from 'react';
import { type Announce, useAnnounce } from '../ui/announcer.js';
import { formatCount } from '../ui/format.js';
import { describeAhead, describeChance, describeLineEnd, describeWait } from './line-text.js';
import { type PlaceAnnouncement, shouldAnnouncePlace } from './place-announcement.js';

/**
 * Announces changes to a place in line to screen readers. Steps forward are announced politely and not too often. The
 * end of the wait, an offer and an admission interrupt other announcements.
 */
export function useLineAnnouncements({ queue, offer, lineEnd, access }: ShowView): void {
  const announce = useAnnounce();
  const wasWaiting = useRef(false);
  usePlaceAnnouncements(queue, announce);

  useEffect(() => {
    if (offer === null) return;
    announce(`Seats were found for you. We hold ${formatCount(offer.seats.length, 'seat')} for you.`, 'assertive');
  }, [announce, offer]);

  useEffect(() => {
    if (lineEnd === null) return;
    const { title, text } = describeLineEnd(lineEnd);
    announce(`${title}. ${text}`, 'assertive');
  }, [announce, lineEnd]);

  useEffect(() => {
    if (access === 'open' && wasWaiting.current) announce('It is your turn. You can choose seats now.', 'assertive');
    wasWaiting.current = access === 'waiting';
  }, [announce, access]);
}

function usePlaceAnnouncements(queue: Queue | null, announce: Announce): void {
  const last = useRef<PlaceAnnouncement>({ ahead: null, at: 0 });
  useEffect(() => {
    const at = performance.now();
    const ahead = queue?.ahead ?? null;
    if (queue === null) last.current = { ahead: null, at: 0 };
    if (queue === null || ahead === null || !shouldAnnouncePlace(last.current, ahead, at)) return;
    const isFirst = last.current.ahead === null;
    last.current = { ahead, at };
    const wait = describeWait(queue.etaSeconds);
    const sentences = [
      isFirst ? `You are number ${ahead + 1} of ${queue.waiting} in line.` : '',
      `${describeAhead(ahead)}.`,
      wait === null ? '' : `The wait is ${wait}.`,
      isFirst ? describeChance(queue) : '',
    ];
    announce(sentences.filter((sentence) => sentence !== '').join(' '));
  }, [announce, queue]);
}
