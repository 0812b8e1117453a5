import type { ShowStore, ShowView } from '@usher/client';

/** The first view that fits, the present one included. */
export function until(show: ShowStore, fits: (view: ShowView) => boolean, deadlineMs = 10_000): Promise<ShowView> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const view = show.getSnapshot();
      if (!fits(view)) return;
      clearTimeout(timer);
      stop();
      resolve(view);
    };
    const stop = show.subscribe(look);
    const timer = setTimeout(() => {
      stop();
      const { seats, ...view } = show.getSnapshot();
      reject(new Error(`not within ${deadlineMs} ms: ${JSON.stringify({ ...view, seats: seats.join('') })}`));
    }, deadlineMs);
    look();
  });
}
