import pg from 'pg';

/* Turns that the processes of a test run take. Postgres keeps them: they end with whoever has one, however that ends. */

const turns = { stores: 1, apt: 2 } as const;

/** Waits until nobody else is there, or, unless `alone`, nobody who wants to be. Ends with a call of what it returns. */
export async function hold(
  turn: keyof typeof turns,
  { alone }: { readonly alone: boolean },
): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: process.env['TEST_POSTGRES_URI'] });
  await client.connect();
  await client.query(`select pg_advisory_lock${alone ? '' : '_shared'}($1)`, [turns[turn]]);
  return () => client.end();
}
