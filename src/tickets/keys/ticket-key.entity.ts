import { defineEntity, p } from '@mikro-orm/postgresql';

const TicketKeyRowSchema = defineEntity({
  name: 'TicketKeyRow',
  tableName: 'ticket_key',
  comment: 'Ed25519 keys of ticket codes; all nodes use the same',
  properties: {
    kid: p.string().length(64).primary(),
    privateKey: p.text().fieldName('private_key').comment('PKCS #8, PEM'),
    publicX: p.string().length(43).fieldName('public_x').comment('the public key, base64url'),
    signs: p.boolean().comment('new codes are signed by it; one key does'),
    createdAt: p.datetime(3).fieldName('created_at').defaultRaw('now()'),
  },
  indexes: [
    {
      name: 'ticket_key_one_signs',
      expression: 'create unique index ticket_key_one_signs on ticket_key (signs) where signs',
    },
  ],
});

/** A row of the `ticket_key` table. Only `TicketKeyRing` reads and writes these rows. */
export class TicketKeyRow extends TicketKeyRowSchema.class {}
TicketKeyRowSchema.setClass(TicketKeyRow);
