/** A table of rows that are worked through: `due_at` says when, and is null or the row gone when it is done. */
export interface ClaimedTable {
  readonly table: string;
  /** The columns of its primary key. */
  readonly keys: readonly string[];
  /** What of a claimed row is answered; the row is `t`. */
  readonly columns: string;
}

/**
 * The statement that claims rows that are due, the longest due first: `$1` how many, `$2` for how many ms. A claim is not
 * a transaction that stays open while others think: it moves the row's next attempt past the time that this one can
 * take, so a node that dies in between only makes it late. No two nodes get the same row. `attempts` counts the one that
 * the claim is for, so who writes what became of it names the row's key and `attempts`: a claim that another node has
 * taken over stays.
 */
export const claimStatement = ({ table, keys, columns }: ClaimedTable): { name: string; text: string } => ({
  name: `claim-${table}`,
  text: `with due as materialized (
      select ${keys.join(', ')} from ${table}
      where due_at <= now() order by due_at limit $1 for update skip locked
    )
    update ${table} t set due_at = now() + $2 * interval '1 ms', attempts = t.attempts + 1
    from due where ${keys.map((key) => `t.${key} = due.${key}`).join(' and ')}
    returning ${columns}`,
});
