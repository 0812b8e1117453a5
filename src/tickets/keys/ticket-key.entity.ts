import { defineEntity, p } from '@mikro-orm/postgresql';
import type { SecretColumn } from '../../database/column-cipher.js';

const TicketKeyRowSchema = defineEntity({
  name: 'TicketKeyRow',
  tableName: 'ticket_key',
  comment: 'Ed25519 keys of ticket codes; all nodes share them',
  properties: {
    kid: p.string().length(64).primary(),
    privateKey: p.text().fieldName('private_key').comment('PKCS #8, PEM; encrypted'),
    publicX: p.string().length(43).fieldName('public_x').comment('the public key, base64url'),
    signs: p.boolean().comment('true for the one key that signs new codes'),
    createdAt: p.datetime(3).fieldName('created_at').defaultRaw('now()'),
  },
  indexes: [
    {
      name: 'ticket_key_one_signing',
      expression: 'create unique index ticket_key_one_signing on ticket_key (signs) where signs',
    },
  ],
});

/** A row of the `ticket_key` table. Only `TicketKeyRing` reads and writes these rows. */
export class TicketKeyRow extends TicketKeyRowSchema.class {}
TicketKeyRowSchema.setClass(TicketKeyRow);

/** The private keys that sign ticket codes. */
export const ticketKeyColumn: SecretColumn = { table: 'ticket_key', key: 'kid', column: 'private_key' };
