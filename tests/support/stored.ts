import type { TestApi } from './api.js';

/** What counting requests, signing in, the trail and its sealing, looking for differences and duplicates, and being alive leaves behind. */
const passing = new Set([
  ...['rate_limits', 'login', 'sessions', 'refresh_tokens', 'audit_events', 'audit_chains'],
  ...['transaction_results', 'reconciliations', 'processes', 'patient_duplicates'],
]);

/** What the worker that looks for duplicates writes beside a record. */
const projection = { compared_by: 0, match_keys: 0 };

/** What the relays write down while they work is left out; so are the answers that were kept for their keys. */
const tables: Readonly<Record<string, readonly string[]>> = {
  billing: ['id', '*'],
  booking_accounts: ['appointment_id', '*'],
  transactions: ['transaction_id', '*'],
  refunds: ['refund_id', '*'],
  ledger_entries: ['entry_number', '*'],
  number_series: ['series', '*'],
  outbox: ['entry_id', 'kind', 'payload'],
  inbox: ['entry_id'],
};

/** All that both databases hold, as text: equal before and after a request that stored nothing. */
export async function stored(api: TestApi): Promise<string> {
  const { connection, knex } = api.system.around.stores;
  const collections = await connection.db!.listCollections({}, { nameOnly: true }).toArray();
  const names = collections.map(({ name }) => name).filter((name) => !passing.has(name));
  const documents = names.sort().map(async (name) => {
    const all = await connection.db!.collection(name).find({}, { projection }).sort({ _id: 1 }).toArray();
    return `${name} ${JSON.stringify(all)}`;
  });
  const rows = Object.entries(tables).map(
    async ([table, columns]) =>
      `${table} ${JSON.stringify(await knex(table).select(columns).orderBy(columns[0]!))}`,
  );
  return (await Promise.all([...documents, ...rows])).join('\n');
}

/** Bills, payments and entries are never changed nor taken back, and their tables refuse it: runs statements past the triggers. */
export async function pastTriggers(
  { stores }: TestApi['system']['around'],
  statements: string,
): Promise<void> {
  const switched = (how: 'disable' | 'enable'): string =>
    ['billing', 'transactions', 'ledger_entries']
      .map((table) => `alter table ${table} ${how} trigger user;`)
      .join('');
  await stores.knex.raw(`${switched('disable')} ${statements}; ${switched('enable')}`);
}

/** For a test whose history begins anew. */
export const forgetBilling = (around: TestApi['system']['around']): Promise<void> =>
  pastTriggers(around, 'delete from ledger_entries; delete from billing');

/** As `forgetBilling`, and all that was ever paid: numbers begin anew. */
export const forgetMoney = (around: TestApi['system']['around']): Promise<void> =>
  pastTriggers(
    around,
    `truncate ledger_entries, refunds, transactions, booking_accounts, billing; update number_series set last = 0`,
  );
