import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';

/** A point of the window, in CSS pixels. */
interface Point {
  readonly x: number;
  readonly y: number;
}

/** What {@link useZoom} gives. */
export interface Zoom {
  /** CSS pixels a unit of the layout has now. */
  readonly scale: number;
  /** Whether the whole hall is shown. */
  readonly fitted: boolean;
  /** Whether it can become larger. */
  readonly canGrow: boolean;
  /**
   * Multiplies the size, keeping `at` (default: the middle of what is seen) where it is; an element is in view
   * afterwards.
   */
  readonly zoomBy: (factor: number, at?: Point | Element) => void;
  /** Shows the whole hall. */
  readonly fit: () => void;
}

/** How large a seat can become, in CSS pixels from one to the next. */
const maxPitch = 64;

interface Anchor {
  readonly at: Point;
  /** Part of the content's width and height that is under `at`. */
  readonly part: Point;
  /** What must be seen afterwards. */
  readonly seen: Element | null;
}

/**
 * Sizes the drawing inside a scrolling box: the browser's own scrolling is the panning, so that touch, wheel, keyboard
 * and focus all do it. Pinch and ctrl+wheel zoom.
 *
 * @param box the element that scrolls; its only child is the drawing
 * @param hall the drawing's size and the distance of two seats, in its own units
 */
export function useZoom(
  box: RefObject<HTMLElement | null>,
  hall: { readonly width: number; readonly height: number; readonly pitch: number },
): Zoom {
  const fitScale = useFitScale(box, hall.width, hall.height);
  const [zoom, setZoom] = useState(1);
  const anchor = useRef<Anchor | null>(null);
  const most = Math.max(1, maxPitch / (hall.pitch * fitScale));

  const zoomBy = useCallback(
    (factor: number, at?: Point | Element) => {
      if (box.current !== null) anchor.current = anchorOf(box.current, at);
      setZoom((before) => Math.min(most, Math.max(1, before * factor)));
    },
    [box, most],
  );

  // After every drawing, for only some have moved; before the browser paints: the point under the finger must not be seen to jump.
  useLayoutEffect(() => {
    const drawing = box.current?.firstElementChild;
    if (box.current === null || anchor.current === null || !drawing) return;
    const { at, part, seen } = anchor.current;
    anchor.current = null;
    const now = drawing.getBoundingClientRect();
    box.current.scrollBy(now.left + part.x * now.width - at.x, now.top + part.y * now.height - at.y);
    seen?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  });

  useGestures(box, zoomBy);
  const fit = useCallback(() => setZoom(1), []);
  const shown = Math.min(zoom, most);
  return { scale: fitScale * shown, fitted: shown === 1, canGrow: shown < most, zoomBy, fit };
}

function anchorOf(box: HTMLElement, at?: Point | Element): Anchor | null {
  const drawing = box.firstElementChild?.getBoundingClientRect();
  if (drawing === undefined || drawing.width === 0) return null;
  const seen = at instanceof Element ? at : null;
  const point = at === undefined || at instanceof Element ? middleOf(at ?? box) : at;
  const part = { x: (point.x - drawing.left) / drawing.width, y: (point.y - drawing.top) / drawing.height };
  return { at: point, part, seen };
}

function middleOf(element: Element): Point {
  const { left, top, width, height } = element.getBoundingClientRect();
  return { x: left + width / 2, y: top + height / 2 };
}

function useFitScale(box: RefObject<HTMLElement | null>, width: number, height: number): number {
  const [scale, setScale] = useState(1);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const measure = () => {
      // The frame's size, not the inside's: scroll bars that zooming brings must not change what "fit" is.
      const { width: boxWidth, height: boxHeight } = element.getBoundingClientRect();
      setScale(Math.max(0.01, Math.min((boxWidth - 4) / width, (boxHeight - 4) / height)));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [box, width, height]);
  return scale;
}

function useGestures(box: RefObject<HTMLElement | null>, zoomBy: Zoom['zoomBy']): void {
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    let spread: number | null = null;

    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      zoomBy(Math.exp(-event.deltaY / 200), { x: event.clientX, y: event.clientY });
    };
    const onTouch = (event: TouchEvent) => {
      const [first, second] = event.touches;
      if (first === undefined || second === undefined) {
        spread = null;
        return;
      }
      event.preventDefault();
      const now = Math.hypot(first.clientX - second.clientX, first.clientY - second.clientY);
      const middle = { x: (first.clientX + second.clientX) / 2, y: (first.clientY + second.clientY) / 2 };
      if (spread !== null && spread > 0) zoomBy(now / spread, middle);
      spread = now;
    };

    // React's own listeners are passive and could not keep the browser from zooming the page instead.
    const active = { passive: false };
    element.addEventListener('wheel', onWheel, active);
    element.addEventListener('touchstart', onTouch, active);
    element.addEventListener('touchmove', onTouch, active);
    element.addEventListener('touchend', onTouch, active);
    return () => {
      element.removeEventListener('wheel', onWheel);
      element.removeEventListener('touchstart', onTouch);
      element.removeEventListener('touchmove', onTouch);
      element.removeEventListener('touchend', onTouch);
    };
  }, [box, zoomBy]);
}
