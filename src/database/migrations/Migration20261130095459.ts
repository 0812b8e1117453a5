import { Migration } from '@mikro-orm/migrations';

/** The indexes and constraints whose names change, before and after the migration. */
const indexes = [
  ['log_follower_pkey', 'log_consumer_pkey'],
  ['ticket_key_one_signs', 'ticket_key_one_signing'],
  ['ticket_one_a_seat_of_a_booking', 'ticket_one_per_booking_seat'],
  ['waiter_one_place_a_session', 'waiter_one_place_per_session'],
] as const;

/** The new comments of tables and columns. */
const comments = [
  ['table log_consumer', 'Positions of the consumers of show logs'],
  ['column log_consumer.seq', 'the last entry that the consumer has read'],
  [
    'column admission_conflict.fingerprint',
    'SHA-256 of code and idempotency key; an admission that is uploaded repeatedly has one row',
  ],
  ['column admission_conflict.ticket_id', 'null if this service did not issue the code'],
  ['column admission_conflict.used_at', 'time of the first use of the ticket'],
  [
    'table admission_conflict',
    'Admissions by a gate without a network that a ticket did not entitle to, for example with a copied ticket',
  ],
  ['column api_key.cinema_id', 'the only cinema that the gate serves'],
  ['column api_key.show_id', 'the only show that the gate serves'],
  ['table api_key', 'API keys of staff, gates, kiosks and partners; only the hash of a key is stored'],
  ['column booking.amounts', 'price per seat in minor units'],
  [
    'column booking.line_ticket',
    'the line ticket to which the seat line offered the seats; null if the session reserved them itself',
  ],
  ['column booking.payment_id', 'the payment that paid for the booking, or the last one that began'],
  ['column booking_contact.request_id', 'the last call that set the address; each call causes one mail with tickets'],
  ['table booking_contact', 'Mail addresses of buyers; deleted some weeks after the show'],
  ['column database_identity.is_only', 'always true, so that the table has one row'],
  [
    'table database_identity',
    'One row with the identity of this database; a copy must get its own with `npm run migrate -- --new-identity`',
  ],
  ['column idempotency_key.claim', 'the last attempt'],
  ['column idempotency_key.claimed_until', 'end of the lease; no other attempt begins before'],
  ['column idempotency_key.effect', 'the effect of the call, written in its transaction; encrypted'],
  [
    'table idempotency_key',
    'Idempotency keys of calls outside the lanes, with the effect and the answer of each call; deleted after a day',
  ],
  ['table kept_secret', 'Keys that the service generates at its first start; all nodes share them'],
  ['table line_event', 'Hash chain of the events of a line; the hash of an entry depends on all earlier entries'],
  ['column line_key.moment', 'state of the line when the first join was answered'],
  ['table line_key', 'Idempotency keys of joins, with the place that the first join got; deleted after a day'],
  ['column mail_message.address', 'null after the mail was sent'],
  ['column mail_message.due_at', 'time of the next attempt; in the future while an attempt runs'],
  ['column mail_message.move', 'the old and the new time, hall and movie, if the mail reports that the show moved'],
  [
    'column mail_message.occasion',
    'the cause of the mail: a refund, or a call that set the address; one mail per cause',
  ],
  ['column mail_message.refund_id', 'the refund that the mail reports'],
  [
    'table mail_message',
    'Outbox of mails to buyers; the transaction that reads the event inserts the row, and any node sends the mail',
  ],
  ['column movie_search.terms', 'weights: titles A, people B, genres C'],
  ['table movie_search', 'Search index of movies; only a trigger of the table movie writes it'],
  ['column movie_tally.score', 'popularity: number of taken seats of the coming shows plus number of coming shows'],
  [
    'column movie_tally.score_before',
    'the score before the last count, for searches whose first page was read before the count',
  ],
  ['column movie_tally.scored_in', 'the transaction of the last count; null if the movie was never counted'],
  [
    'table movie_word',
    'Words of titles, people and genres, to correct misspelt searches; only a trigger of the table movie writes it',
  ],
  ['column payment.capture_reference', 'the id of the capture at the provider'],
  ['column payment.disputes', 'the status of each dispute: open, won or lost'],
  ['column payment.due_at', 'time of the next poll; null if no change is expected'],
  ['column payment.failure_code', 'reason why the provider refused the payment'],
  ['column payment.on_conflict', 'policy if the money comes too late'],
  ['column payment.reference', 'the id at the provider; null if the payment may not be open there'],
  ['table payment', 'Payments; for each open payment, a worker opens it at the provider and polls its status'],
  ['column payment_event.amount', 'the captured or refunded amount in minor units'],
  ['column payment_event.due_at', 'time of the next attempt; null after the webhook was handled'],
  ['table payment_event', 'Inbox of webhooks of payment providers; a repeated webhook has one row'],
  [
    'table presence',
    'Presence of sessions in metered shows; a session is absent from gone_at on unless a node marks it again',
  ],
  ['column push_message.due_at', 'time of the next attempt; in the future while an attempt runs'],
  ['column push_message.endpoint_hash', 'the subscription that receives the message'],
  ['column push_message.expires_at', 'time after which the message is useless'],
  [
    'table push_message',
    'Outbox of push messages, one row per event and subscription; the transaction of the event inserts the row',
  ],
  ['table push_subscription', 'Browsers to which a session has its offers and admissions pushed'],
  ['column refund.due_at', 'time of the next attempt; null after the refund was settled'],
  [
    'column refund.kind',
    'returned: the payment found no seats; whole: the last seats of the booking; part: some of its seats',
  ],
  ['column refund.paid_at', 'time at which the provider paid the money back'],
  ['column refund.reference', 'the id at the provider'],
  ['table refund', 'Refunds; the transaction that frees the seats inserts the row'],
  ['table sandbox_delivery', "Outbox of the sandbox provider's webhooks"],
  ['column sandbox_payment.expires_at', 'time after which the provider takes no money'],
  ['column sandbox_payment.payment_id', 'the id in the service'],
  ['column sandbox_payment.pending_until', 'time until which the provider reports the payment as pending'],
  ['column sandbox_payment.reference', 'the id at the provider'],
  ['column sandbox_payment.refunds', 'refunded amounts in minor units, by idempotency key'],
  ['column sandbox_payment.silent_until', 'time until which the provider does not report the payment'],
  [
    'table sandbox_payment',
    'Payments at the sandbox provider; the service reads them over HTTP only, as with any other provider',
  ],
  ['column show.added_in', 'the transaction that added the show, so that all pages of a search see the same shows'],
  ['column show.cinema_id', 'the cinema of the hall; triggers write it'],
  ['column show.terms_version', 'number of changes of the terms; the lane of the show writes it'],
  ['column show_ledger.commit_id', 'the id of the last commit, which distinguishes two histories with the same seq'],
  [
    'column show_ledger.lines_due_at',
    'time at which the lines need a tick even if nothing else happens; null for never',
  ],
  ['column show_ledger.seq', 'number of commits'],
  ['column show_ledger.version', 'number of commits that changed a seat'],
  ['table show_ledger', 'One row per show: its lock, the position of its log, and its numbers of seats by status'],
  ['column show_line.hash', 'hash of the last entry of the chain'],
  ['column show_line.lobby_size', 'number of line tickets that the shuffle placed; null before the shuffle'],
  ['column show_line.seed', "seed of the lobby's shuffle; secret until the shuffle"],
  ['column show_line.version', 'number of the last entry of the chain'],
  ['table show_line', 'State of each line of a show; inserted at the first use of the line'],
  ['column show_log.commit_id', 'random; 0 in entries of earlier releases'],
  ['table show_log', 'Log of all changes of a show, one row per commit'],
  ['table show_seat', 'Taken seats; a seat without a row is free'],
  ['column stay.line_ticket', 'null if the session was admitted without waiting'],
  ['column stay.until', 'latest end of the stay'],
  ['column ticket_key.signs', 'true for the one key that signs new codes'],
  ['table ticket_key', 'Ed25519 keys of ticket codes; all nodes share them'],
  ['column ticket.used_at', 'time of the check-in; null if the ticket is unused'],
  ['column ticket.voided_at', 'time at which the refund began; a voided ticket admits nobody'],
  ['table ticket', 'Tickets, one row per booked seat; inserted when the ticket is first requested'],
  ['column waiter.ended_at', 'time at which the wait ended'],
  ['column waiter.outcome', 'how the wait ended; null while the session waits'],
  ['column waiter.place', 'null for members of a lobby, whose places follow from its seed and receipts'],
  ['column waiter.tiers', 'the accepted tiers; null for all'],
  ['column webhook_delivery.due_at', 'time of the next attempt; in the future while an attempt runs'],
  ['column webhook_delivery.give_up_at', 'time after which no attempt is made'],
  [
    'table webhook_delivery',
    'Outbox of webhooks to partners, one row per event and endpoint; the transaction that reads the event inserts the row',
  ],
  ['column webhook_endpoint.gone_at', 'time since which the endpoint answers 410'],
  ['column webhook_endpoint.key_id', 'the API key that owns the endpoint; null for the key in the settings'],
  ['column webhook_endpoint.secret', 'signs the webhooks, so it is stored in plain text'],
  ['table webhook_endpoint', 'Addresses at which owners of API keys receive webhooks'],
  [
    'table write_probe',
    'Always empty; each readiness check inserts a row and deletes it to test that the database accepts writes',
  ],
] as const;

/**
 * Names the consumers of show logs by the glossary, and rewrites the comments of tables and columns. PostgreSQL renames
 * without a rewrite and keeps all rows. Nodes of earlier releases cannot use the renamed table, so operators stop these
 * nodes first.
 */
export class Migration20261130095459 extends Migration {
  override name = 'Migration20261130095459';

  override up(): void | Promise<void> {
    this.addSql(`alter table "log_follower" rename to "log_consumer";`);
    this.addSql(`alter table "log_consumer" rename column "follower" to "consumer";`);
    for (const [before, after] of indexes) this.addSql(`alter index "${before}" rename to "${after}";`);
    for (const [subject, text] of comments) {
      this.addSql(`comment on ${subject} is '${text.replaceAll("'", "''")}';`);
    }
  }

  /** Leaves the new comments, because they change no behaviour. */
  override down(): void | Promise<void> {
    for (const [before, after] of indexes) this.addSql(`alter index "${after}" rename to "${before}";`);
    this.addSql(`alter table "log_consumer" rename column "consumer" to "follower";`);
    this.addSql(`alter table "log_consumer" rename to "log_follower";`);
  }
}
