import { Migration } from '@mikro-orm/migrations';

/** Widens amounts to int8. In minor units they can exceed int4: ten seats at IDR 2,500,000.00 cost 2,500,000,000. */
export class Migration20261130010902 extends Migration {
  override name = 'Migration20261130010902';

  override up(): void | Promise<void> {
    this.addSql(`alter table "booking" alter column "amounts" type bigint[] using ("amounts"::bigint[]);`);
    for (const table of amountTables) {
      this.addSql(`alter table "${table}" alter column "amount" type bigint using ("amount"::bigint);`);
    }
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table "booking" alter column "amounts" type int[] using ("amounts"::int[]);`);
    for (const table of amountTables) {
      this.addSql(`alter table "${table}" alter column "amount" type int using ("amount"::int);`);
    }
  }
}

const amountTables = ['payment', 'payment_event', 'refund', 'sandbox_payment'];
