import type { Zoom } from './use-zoom.js';

/** Factor by which one press on a zoom button or zoom key changes the size. */
export const zoomStep = 1.5;

/** Buttons that zoom out, zoom in, and show the whole hall. */
export function ZoomButtons({ zoom }: { readonly zoom: Zoom }) {
  // `aria-disabled` keeps the keyboard focus on the button. A button with `disabled` would lose it.
  return (
    <div role="group" aria-label="Zoom" className="zoom-buttons">
      <button
        type="button"
        className="button"
        aria-label="Zoom out"
        aria-disabled={zoom.isFitted}
        onClick={() => zoom.zoomBy(1 / zoomStep)}
      >
        −
      </button>
      <button
        type="button"
        className="button"
        aria-label="Zoom in"
        aria-disabled={!zoom.canZoomIn}
        onClick={() => zoom.zoomBy(zoomStep)}
      >
        +
      </button>
      <button
        type="button"
        className="button"
        aria-label="Fit the whole hall"
        aria-disabled={zoom.isFitted}
        onClick={zoom.fit}
      >
        Fit
      </button>
    </div>
  );
}

/**
 * Zooms if the key is a zoom key. The focused element stays visible.
 *
 * @returns true if the key zooms
 */
export function zoomByKey(zoom: Zoom, key: string, target: EventTarget): boolean {
  const focused = target instanceof Element ? target : undefined;
  if (key === '+' || key === '=') zoom.zoomBy(zoomStep, focused);
  else if (key === '-') zoom.zoomBy(1 / zoomStep, focused);
  else if (key === '0') zoom.fit();
  else return false;
  return true;
}
