import { type FocusEvent, type RefObject, useLayoutEffect, useRef } from 'react';

/**
 * Moves the focus to `area` when the focused element disappears, for example the button of a hold that was released.
 * Otherwise, a user with a keyboard would have to start again at the top of the page.
 *
 * @param area must be focusable (`tabIndex={-1}`), and its component must render again when an element in it
 *   disappears
 * @returns handlers for the area
 */
export function useFocusFallback(area: RefObject<HTMLElement | null>) {
  const hasFocusInside = useRef(false);
  // Runs after every render, because most browsers send no event when they remove the focused element.
  useLayoutEffect(() => {
    if (hasFocusInside.current && document.activeElement === document.body) {
      area.current?.focus({ preventScroll: true });
    }
  });
  return {
    onFocus: () => {
      hasFocusInside.current = true;
    },
    onBlur: ({ relatedTarget, target }: FocusEvent) => {
      // Chromium sends a blur event for a removed element. Such an event must not count as leaving the area.
      if (relatedTarget !== null || target.isConnected) hasFocusInside.current = false;
    },
  };
}
