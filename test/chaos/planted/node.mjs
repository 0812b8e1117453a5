// The service as it is built, with one thing wrong that the environment names: what the checker has to find.
import { setTimeout as delay } from 'node:timers/promises';
import { lock } from '../../../dist/shows/store/show-sql.js';
import { PostgresShowStore } from '../../../dist/shows/store/postgres-show-store.js';
import { RealtimeGateway } from '../../../dist/realtime/realtime.gateway.js';
import { ReservationsService } from '../../../dist/reservations/reservations.service.js';
import { ShowBroadcaster } from '../../../dist/realtime/show-broadcaster.service.js';

/** Changes what a show's transactions do. */
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
   * Nobody waits for anybody, and what the rows say is not looked at. The test drops the primary keys beside it. Slow, so
   * that others come between its look and its write on any machine.
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

  /** Every tenth commit is acknowledged, and rolled back. */
  rollback() {
    let commits = 0;
    eachTransaction((transaction) => {
      const commit = transaction.commit.bind(transaction);
      transaction.commit = () => (++commits % 10 === 0 ? transaction.rollback() : commit());
    });
  },

  /** After a while the node tells its viewers nothing any more, nor that they missed anything. */
  silence() {
    const { broadcast } = ShowBroadcaster.prototype;
    let told = 0;
    ShowBroadcaster.prototype.broadcast = function (...args) {
      if (++told < 20) broadcast.apply(this, args);
    };
    RealtimeGateway.prototype.sendVersion = () => undefined;
  },

  /** One of the seats that a booking gives back stays in the table, now and then. */
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

  /** An idempotency key that is sent again is taken for another one. */
  key() {
    const { reserve } = ReservationsService.prototype;
    let calls = 0;
    ReservationsService.prototype.reserve = function (call) {
      return reserve.call(this, { ...call, key: call.key && `${call.key} ${++calls}` });
    };
  },
};

bugs[process.env.BUG]();
await import('../../../dist/main.js');
