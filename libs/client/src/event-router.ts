import type { Booking } from '@usher/contract';
import type { ServerEvents } from './connection/connection.js';
import type { ServerClock } from './connection/server-clock.js';
import type { LineEvent } from './line/line-types.js';
import type { LiveShow } from './show/live-show.js';

/** The receivers of the server's events. */
export interface EventReceivers {
  readonly clock: ServerClock;
  /** Returns the open store of a show, or undefined if the show is not open. */
  readonly show: (showId: number) => LiveShow | undefined;
  readonly onBookingUpdated: (booking: Booking) => void;
  readonly onLineEvent: (event: LineEvent) => void;
}

/** Passes each event of the server to the store of its show and to the client's listeners. */
export function routeEvents(events: ServerEvents, receivers: EventReceivers): void {
  routeShowEvents(events, receivers);
  routePlaceEvents(events, receivers);
  routeWaitEndEvents(events, receivers);
  events.on('booking:updated', ({ booking }) => receivers.onBookingUpdated(booking));
}

function routeShowEvents(events: ServerEvents, { clock, show }: EventReceivers): void {
  events.on('seats:changed', (message) => show(message.showId)?.onSeatsChanged(message));
  events.on('show:version', (message) => {
    clock.learn(message.serverTime, null);
    show(message.showId)?.onVersion(message);
  });
  events.on('show:changed', (message) => show(message.showId)?.terms.onShowChanged(message));
  events.on('show:reset', (snapshot, acknowledge) => {
    show(snapshot.showId)?.onReset(snapshot);
    acknowledge({ ok: true });
  });
}

function routePlaceEvents(events: ServerEvents, { show }: EventReceivers): void {
  events.on('queue:moved', (message) => show(message.showId)?.line.onMoved(message));
  events.on('queue:placed', ({ queue }) => show(queue.showId)?.line.onPlaced(queue));
  events.on('queue:joined', ({ queue }) => show(queue.showId)?.onLineJoined(queue));
  events.on('queue:left', (message) => show(message.showId)?.onLineLeft(message));
}

function routeWaitEndEvents(events: ServerEvents, { show, onLineEvent }: EventReceivers): void {
  events.on('queue:offer', ({ showId, booking }) => {
    show(showId)?.onOffer(booking);
    onLineEvent({ type: 'offer', showId, booking });
  });
  events.on('queue:admitted', ({ showId, until }) => {
    show(showId)?.onAdmitted();
    onLineEvent({ type: 'admitted', showId, until });
  });
  events.on('queue:expired', (message) => {
    const { showId, line, reason } = message;
    show(showId)?.onLineExpired(message);
    onLineEvent({ type: 'ended', showId, end: { line, reason } });
  });
  events.on('stay:ended', ({ showId }) => {
    show(showId)?.onStayEnded();
    onLineEvent({ type: 'ended', showId, end: { line: 'entry', reason: 'stayEnded' } });
  });
}
