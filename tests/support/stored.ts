import type { TestApi } from './api.js';

/** What counting requests and signing in leaves behind. */
const passing = new Set(['rate_limits', 'login', 'sessions', 'refresh_tokens', 'audit_events']);

/** All that both databases hold, as text: equal before and after a request that stored nothing. */
export async function stored(api: TestApi): Promise<string> {
  const { connection, knex } = api.system.around.stores;
  const collections = await connection.db!.listCollections({}, { nameOnly: true }).toArray();
  const names = collections.map(({ name }) => name).filter((name) => !passing.has(name));
  const documents = names.sort().map(async (name) => {
    const all = await connection.db!.collection(name).find().sort({ _id: 1 }).toArray();
    return `${name} ${JSON.stringify(all)}`;
  });
  const billing = await knex('billing').select().orderBy('id');
  return [...(await Promise.all(documents)), `billing ${JSON.stringify(billing)}`].join('\n');
}
