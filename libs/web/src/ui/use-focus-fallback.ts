import { type FocusEvent, type RefObject, useLayoutEffect, useRef } from 'react';

/**
 * Keeps the keyboard's place: when a button goes away with the very thing it did (a released hold, a message put away),
 * the focus goes to the area around it instead of to the top of the page.
 *
 * @param area must be focusable (`tabIndex={-1}`) and be rendered again when something in it goes away
 * @returns handlers for the area
 */
export function useFocusFallback(area: RefObject<HTMLElement | null>) {
  const isInside = useRef(false);
  // Every time: a removed element sends no event that could be listened to.
  useLayoutEffect(() => {
    if (isInside.current && document.activeElement === document.body) area.current?.focus({ preventScroll: true });
  });
  return {
    onFocus: () => {
      isInside.current = true;
    },
    onBlur: ({ relatedTarget, target }: FocusEvent) => {
      // Chromium tells of a blur when it removes the element, with nothing that gets the focus instead.
      if (relatedTarget !== null || target.isConnected) isInside.current = false;
    },
  };
}
