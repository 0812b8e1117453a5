import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ServerClock } from './server-clock.js';

/**
 * Returns a client with a monotonic clock that the test sets, and a server whose clock is `ahead` milliseconds ahead of
 * it.
 */
function world(ahead: number) {
  const time = { now: 0 };
  const clock = new ServerClock(
    () => time.now,
    () => 5_000_000,
  );
  return { time, clock, server: () => new Date(time.now + ahead).toISOString(), ahead };
}

const EPOCH = 1_800_000_000_000;

it("equals the machine's wall clock until the server has sent a time", () => {
  const { clock, time } = world(EPOCH);
  time.now = 70;
  expect(clock.serverNow()).toBe(5_000_070);
});

it('has an error of at most half the shortest round trip, for any delays in the two directions', () => {
  const trip = fc.record({ there: fc.nat(2_000), back: fc.nat(2_000), pause: fc.nat(5_000) });
  fc.assert(
    fc.property(fc.array(trip, { minLength: 1, maxLength: 20 }), (trips) => {
      const { clock, time, server, ahead } = world(EPOCH);
      let bound = Infinity;
      for (const { there, back, pause } of trips) {
        time.now += pause;
        const sentAt = time.now;
        time.now += there;
        const written = server();
        time.now += back;
        clock.learn(written, sentAt);
        // The bound grows by the possible drift of the clocks since the shortest round trip.
        bound = Math.min(bound + (there + back + pause) * 2e-4, (there + back + 1) / 2);
        expect(Math.abs(clock.serverNow() - (time.now + ahead))).toBeLessThanOrEqual(bound + 1);
      }
    }),
  );
});

it('becomes more exact after a quick message, even if the message answers no request', () => {
  const { clock, time, server, ahead } = world(EPOCH);
  time.now = 900;
  const late = server();
  time.now = 1_000;
  clock.learn(late, 0);
  expect(clock.serverNow() - (time.now + ahead)).toBeGreaterThan(100);
  time.now = 1_001;
  const heartbeat = server();
  time.now = 1_003;
  clock.learn(heartbeat, null);
  const before = Math.abs(clock.serverNow() - (time.now + ahead));
  clock.learn(server(), time.now);
  expect(Math.abs(clock.serverNow() - (time.now + ahead))).toBeLessThanOrEqual(Math.min(1, before));
});

it('uses only the newest message after the machine slept and its monotonic clock stopped', () => {
  const { clock, time } = world(EPOCH);
  clock.learn(new Date(EPOCH).toISOString(), 0);
  time.now = 40;
  const hourLater = EPOCH + 3_600_000;
  clock.learn(new Date(hourLater + 20).toISOString(), 0);
  expect(Math.abs(clock.serverNow() - (hourLater + 40))).toBeLessThanOrEqual(21);
});

it("adds half the last round trip to the time of a heartbeat if no other message came since the server's clock was set", () => {
  const { clock, time } = world(EPOCH);
  time.now = 40;
  clock.learn(new Date(EPOCH + 20).toISOString(), 0);
  time.now = 1_000;
  clock.learn(new Date(EPOCH + 90_000).toISOString(), null);
  expect(clock.serverNow()).toBe(EPOCH + 90_020);
});

it('ignores a text that is not a time', () => {
  const { clock } = world(EPOCH);
  clock.learn('soon', 0);
  expect(clock.serverNow()).toBe(5_000_000);
});

it('uses the Date header if the machine’s clock is wrong and no message with a more exact time has come', () => {
  const { clock, time, server, ahead } = world(EPOCH);
  const date = new Date(Math.floor((EPOCH + 400) / 1000) * 1000).toUTCString();
  time.now = 400;
  clock.learnFromDateHeader(date, 380);
  expect(Math.abs(clock.serverNow() - (400 + ahead))).toBeLessThan(1000);
  clock.learn(server(), 396);
  expect(Math.abs(clock.serverNow() - (400 + ahead))).toBeLessThanOrEqual(4);
  clock.learnFromDateHeader(new Date(0).toUTCString(), 399);
  expect(Math.abs(clock.serverNow() - (400 + ahead))).toBeLessThanOrEqual(4);
});

it('keeps the machine’s clock if it agrees with the Date header', () => {
  const { clock, time } = world(0);
  time.now = 250;
  clock.learnFromDateHeader(new Date(5_000_000).toUTCString(), 240);
  expect(clock.serverNow()).toBe(5_000_250);
});
