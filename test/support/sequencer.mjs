import Sequencer from '@jest/test-sequencer';

/**
 * Test files that mostly wait, for example until holds and stays end or until servers start. The values are the
 * durations of the files in seconds, measured on two cores. Rough values are enough, because they decide only the
 * order.
 */
const waitingFiles = new Map([
  ['chaos/chaos', 70],
  ['e2e/operations/start', 70],
  ['e2e/lines/crash-recovery', 60],
  ['e2e/lines/waiting-room-presence', 40],
  ['e2e/sdk/connection', 40],
  ['e2e/payments/payments', 37],
  ['e2e/notifications/booking-mails', 33],
  ['cluster/draining', 30],
  ['cluster/overload', 30],
  ['cluster/database-identity', 28],
  ['e2e/notifications/push-messages', 25],
  ['e2e/import/refused-imports', 23],
  ['e2e/admission/crowded-addresses', 20],
  ['chaos/reconnect-storm', 18],
  ['cluster/redis-outage', 18],
  ['e2e/sdk/show-store', 18],
  ['e2e/requests/idle-connections', 17],
  ['e2e/payments/stripe-outcomes', 16],
  ['e2e/lines/seat-line-end', 15],
  ['e2e/lines/waiting-room-pace', 15],
  ['e2e/operations/operations', 14],
  ['cluster/pgbouncer', 14],
  ['cluster/nginx', 14],
  ['e2e/payments/late-payments', 13],
  ['e2e/lines/lobby', 12],
  ['e2e/sdk/gate', 11],
  ['e2e/lines/waiting-room-end', 11],
  ['e2e/sdk/waiting-room', 8],
  ['e2e/sdk/seat-line', 8],
]);

const getWait = ({ path }) => waitingFiles.get(/test\/(.*)\.test\.ts$/.exec(path)?.[1]);

/**
 * Spreads the waiting test files over the whole run, between the computing ones. So the cores are never idle for long.
 */
export default class WaitingAndComputing extends Sequencer {
  sort(tests) {
    // oxlint-disable-next-line unicorn/no-array-sort -- this is a method of Jest, which returns a new array
    const sorted = super.sort(tests);
    const isSpec = ({ path }) => Number(path.endsWith('.spec.ts'));
    const waiting = sorted.filter((test) => getWait(test) !== undefined);
    const computing = sorted.filter((test) => getWait(test) === undefined);
    return mix(
      scheduleEvenly(
        waiting.toSorted((one, other) => getWait(other) - getWait(one)),
        getWait,
        waitingShare,
      ),
      // A spec is short, so the specs at the end keep all workers busy until the end.
      scheduleEvenly(
        computing.toSorted((one, other) => isSpec(one) - isSpec(other)),
        (test) => (isSpec(test) ? 0.3 : 5),
      ),
    );
  }
}

/** No waiting file starts after this share of the run, so that none of them runs alone at the end. */
const waitingShare = 0.9;

/**
 * Returns each test with its start, as a share of the run. Within the first `share` of the run, each test gets a part
 * in proportion to its duration.
 */
function scheduleEvenly(tests, getSeconds, share = 1) {
  let elapsed = 0;
  const starts = tests.map((test) => {
    const entry = { test, elapsed };
    elapsed += getSeconds(test);
    return entry;
  });
  return starts.map((start) => ({ test: start.test, at: (share * start.elapsed) / elapsed }));
}

/** Merges two lists by the starts of their tests. Each list keeps its order. */
const mix = (some, others) => [...some, ...others].toSorted((one, other) => one.at - other.at).map(({ test }) => test);
