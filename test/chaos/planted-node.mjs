// Starts the built service with one planted bug, which the checker must find. The environment variable BUG names the
// bug.
import { setTimeout as delay } from 'node:timers/promises';
import { lock } from '../../dist/shows/store/show-sql.js';
import { PostgresShowStore } from '../../dist/shows/store/postgres-show-store.js';
import { RealtimeGateway } from '../../dist/realtime/realtime.gateway.js';
import { ReservationsService } from '../../dist/reservations/reservations.service.js';
import { ShowBroadcaster } from '../../dist/realtime/show-broadcaster.service.js';

/** Calls `change` with each new transaction of a show, so that a bug can replace methods of the transaction. */
function eachTransaction(change) {
  const { begin } = PostgresShowStore.prototype;
  PostgresShowStore.prototype.begin = async function (showId) {
    const transaction = await begin.call(this, showId);
    change(transaction, showId);
    return transaction;
  };
}

const bugs = {
  /**
   * No transaction takes the lock or checks how many rows its statements changed. In addition, the test drops the
   * primary keys. Each write is delayed, so that transactions overlap on a machine of any speed.
   */
  lock() {
    eachTransaction((transaction) => {
      transaction.lockStatement = (showId) => lock(showId).replace('for update', '');
      const write = transaction.write.bind(transaction);
      transaction.write = async (commit) => {
        await delay(100);
        await write(commit).catch((error) => {
          if (!error.message.includes('the statement changed rows')) throw error;
        });
      };
    });
  },

  /** The node rolls back every tenth commit but acknowledges it. */
  rollback() {
    let commits = 0;
    eachTransaction((transaction) => {
      const commit = transaction.commit.bind(transaction);
      transaction.commit = () => (++commits % 10 === 0 ? transaction.rollback() : commit());
    });
  },

  /** The node never announces versions to its viewers, and after 19 broadcasts it sends them no more diffs. */
  silence() {
    const { broadcast } = ShowBroadcaster.prototype;
    let broadcastCount = 0;
    ShowBroadcaster.prototype.broadcast = function (...args) {
      if (++broadcastCount < 20) broadcast.apply(this, args);
    };
    RealtimeGateway.prototype.sendVersion = () => undefined;
  },

  /** Every fifth release leaves the row of one released seat in the table. */
  leftover() {
    let freed = 0;
    eachTransaction((transaction, showId) => {
      const write = transaction.write.bind(transaction);
      transaction.write = async (commit) => {
        const [seat] = commit.seats.deleted;
        const ended = commit.ended[0]?.bookingId;
        await write(commit);
        if (seat === undefined || ended === undefined || ++freed % 5 !== 0) return;
        const values = [showId, seat, ended];
        const text = 'insert into show_seat (show_id, seat, status, booking_id) values ($1, $2, 1, $3)';
        await transaction.client.query({ text, values });
      };
    });
  },

  /** The node treats a repeated idempotency key as a new key. */
  key() {
    const { reserve } = ReservationsService.prototype;
    let calls = 0;
    ReservationsService.prototype.reserve = function (call) {
      return reserve.call(this, { ...call, key: call.key && `${call.key} ${++calls}` });
    };
  },
};

bugs[process.env.BUG]();
await import('../../dist/main.js');
