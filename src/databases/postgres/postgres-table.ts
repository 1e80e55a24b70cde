/** An index of Postgres that we own, beside those of its constraints. `serves` says which query or rule needs it. */
export interface PostgresIndex {
  readonly name: string;
  readonly unique?: true;
  /** What stands behind `using btree`, spelled as `pg_get_indexdef` spells it, for the two are compared. */
  readonly columns: string;
  readonly serves: string;
}

/** A table as the migrations have made it (the house test compares the two), and its indexes, which a start builds. */
export interface PostgresTable<Column extends string = string> {
  readonly table: string;
  readonly columns: Readonly<Record<Column, string>>;
  readonly primaryKey: readonly Column[];
  /** Its foreign keys: a column, and the table whose primary key it holds. */
  readonly references?: Readonly<Partial<Record<Column, string>>>;
  readonly indexes: readonly PostgresIndex[];
}

/** Of rows that are only added: the transaction that has added one (xid8); the database fills it in. */
export interface Written {
  readonly written_by: string;
}

export const defineTable = <Row extends object>(
  declared: PostgresTable<keyof Row & string>,
): PostgresTable<keyof Row & string> => declared;
