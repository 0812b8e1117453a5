import Sequencer from '@jest/test-sequencer';

/**
 * Test files that mostly wait: for holds and stays to end, and for servers to start. The values are their times in seconds,
 * measured on two cores. They only decide the order, so they may be rough.
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
  ['chaos/reconnect-storm', 18],
  ['cluster/redis-outage', 18],
  ['e2e/sdk/show-store', 18],
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

/** Starts the test files that wait evenly over the run, between those that compute. So the cores are never idle for long. */
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

/** Share of the run after which no file that waits starts, so that none of them is alone at the end. */
const waitingShare = 0.9;

/** Gives each test its start as a share of the run. The tests fill the first `share` of the run evenly by their times. */
function scheduleEvenly(tests, getSeconds, share = 1) {
  let elapsed = 0;
  const starts = tests.map((test) => {
    const entry = { test, elapsed };
    elapsed += getSeconds(test);
    return entry;
  });
  return starts.map((start) => ({ test: start.test, at: (share * start.elapsed) / elapsed }));
}

/** Mixes two lists by their starting times. Each list keeps its order. */
const mix = (some, others) => [...some, ...others].toSorted((one, other) => one.at - other.at).map(({ test }) => test);
