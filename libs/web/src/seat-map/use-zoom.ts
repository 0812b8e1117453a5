import { usePinch } from '@use-gesture/react';
import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from 'react';

/** A point of the browser window, in CSS pixels. */
interface Point {
  readonly x: number;
  readonly y: number;
}

/** The zoom of the seat map and the actions that change it. */
export interface Zoom {
  /** CSS pixels per unit of the layout. */
  readonly scale: number;
  /** True if the whole hall is visible. */
  readonly isFitted: boolean;
  /** True if the hall can become larger. */
  readonly canZoomIn: boolean;
  /**
   * Multiplies the size by `factor`. The point `at` stays where it is on the screen (default: the middle of the box).
   * If `at` is an element, that element is visible afterwards.
   */
  readonly zoomBy: (factor: number, at?: Point | Element) => void;
  /** Shows the whole hall. */
  readonly fit: () => void;
}

/** Largest distance between neighbouring seats, in CSS pixels. */
const pitchPxMax = 64;

/** Distance of wheel scrolling, in CSS pixels, that changes the size by the factor e (2.718…). */
const wheelPxPerFactorE = 200;

/** The point that a zoom step keeps in place. */
interface Anchor {
  readonly point: Point;
  /** Position of the point in the drawing, as fractions of the drawing's width and height. */
  readonly fraction: Point;
  /** The element that must be visible after the zoom step. */
  readonly visibleElement: Element | null;
}

/**
 * Sizes the drawing inside a scrolling box. The browser's own scrolling moves the drawing, so touch, wheel, keyboard and
 * focus all work. A pinch and ctrl+wheel change the size.
 *
 * @param box the element that scrolls; its only child is the drawing
 * @param hall the drawing's size and the distance between two seats, in the drawing's own units
 */
export function useZoom(
  box: RefObject<HTMLElement | null>,
  hall: { readonly width: number; readonly height: number; readonly pitch: number },
): Zoom {
  const fitScale = useFitScale(box, hall.width, hall.height);
  const [zoom, setZoom] = useState(1);
  const anchor = useRef<Anchor | null>(null);
  const zoomMax = Math.max(1, pitchPxMax / (hall.pitch * fitScale));

  const zoomBy = useCallback(
    (factor: number, at?: Point | Element) => {
      if (box.current !== null) anchor.current = createAnchor(box.current, at);
      setZoom((before) => Math.min(zoomMax, Math.max(1, before * factor)));
    },
    [box, zoomMax],
  );

  // This effect has no dependencies, so it runs after every render. If no zoom step has set an anchor, it does nothing.
  // It runs before the browser paints, so the user never sees the point under the finger jump.
  useLayoutEffect(() => {
    const drawing = box.current?.firstElementChild;
    if (box.current === null || anchor.current === null || !drawing) return;
    const { point, fraction, visibleElement } = anchor.current;
    anchor.current = null;
    const { left, top, width, height } = drawing.getBoundingClientRect();
    box.current.scrollBy(left + fraction.x * width - point.x, top + fraction.y * height - point.y);
    visibleElement?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  });

  useZoomGestures(box, zoomBy);
  const fit = useCallback(() => setZoom(1), []);
  const shownZoom = Math.min(zoom, zoomMax);
  return { scale: fitScale * shownZoom, isFitted: shownZoom === 1, canZoomIn: shownZoom < zoomMax, zoomBy, fit };
}

function createAnchor(box: HTMLElement, at?: Point | Element): Anchor | null {
  const drawing = box.firstElementChild?.getBoundingClientRect();
  if (drawing === undefined || drawing.width === 0) return null;
  const visibleElement = at instanceof Element ? at : null;
  const point = at === undefined || at instanceof Element ? getMiddle(at ?? box) : at;
  const fraction = { x: (point.x - drawing.left) / drawing.width, y: (point.y - drawing.top) / drawing.height };
  return { point, fraction, visibleElement };
}

function getMiddle(element: Element): Point {
  const { left, top, width, height } = element.getBoundingClientRect();
  return { x: left + width / 2, y: top + height / 2 };
}

/** Returns the scale at which the whole drawing fits into the box. */
function useFitScale(box: RefObject<HTMLElement | null>, width: number, height: number): number {
  const [scale, setScale] = useState(1);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const measure = () => {
      // Measures the outer size. While the map is zoomed, scroll bars appear inside the box, and they must not change
      // the scale.
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

/** Calls `zoomBy` for a pinch and for ctrl+wheel. */
function useZoomGestures(box: RefObject<HTMLElement | null>, zoomBy: Zoom['zoomBy']): void {
  usePinch<Event>(
    ({ event, origin: [x, y], offset: [pinchScale], memo, last }) => {
      if (event instanceof WheelEvent) {
        // Computes the factor from the event, because the library's own wheel formula reaches scale 0 when one step
        // zooms out by 100 px. Skips the last call, because it repeats the last wheel event when the gesture ends.
        if (!last) zoomBy(Math.exp(-event.deltaY / wheelPxPerFactorE), { x, y });
        return undefined;
      }
      // Prevents the browser from zooming the page.
      if (event.cancelable) event.preventDefault();
      const previousScale = typeof memo === 'number' ? memo : 1;
      if (pinchScale !== previousScale) zoomBy(pinchScale / previousScale, { x, y });
      return pinchScale;
    },
    // Every pinch starts at scale 1. The listeners are not passive, so that they can stop the browser from zooming.
    { target: box, from: () => [1, 0], eventOptions: { passive: false }, pointer: { touch: true } },
  );
}
