import { expect } from 'chai';
import type { Knex } from 'knex';
import { connectPostgres, migratePostgres } from '../../src/databases/postgres/postgres.js';
import { createTransactSql, sqlOf } from '../../src/databases/postgres/sql-transact.js';
import type { Once } from '../../src/lib/idempotency.js';
import type { SqlTransaction } from '../../src/lib/transaction.js';
import { createTestDatabase } from '../support/api.js';

describe('createTransactSql', () => {
  let knex: Knex;
  let drop: () => Promise<void>;

  before(async () => {
    const database = await createTestDatabase();
    drop = database.drop;
    knex = connectPostgres(database.uri);
    await migratePostgres(knex);
    await knex.schema.createTable('things', (table) => {
      table.increments('id');
      table.text('name').notNullable();
    });
  });

  after(async () => {
    await knex.destroy();
    await drop();
  });

  beforeEach(() => knex('things').delete());

  const insert = async (name: string, tx: SqlTransaction): Promise<void> => {
    await sqlOf(knex, tx)('things').insert({ name });
  };
  const names = (): Promise<string[]> => knex('things').orderBy('id').pluck('name');

  /** The pool, but `after` runs behind each commit, with how many there were before. */
  function withCommits(after: (commits: number) => void): Knex {
    let commits = 0;
    return new Proxy(knex, {
      get(target, property) {
        if (property !== 'transaction') return Reflect.get(target, property, target) as unknown;
        return async (work: (trx: Knex.Transaction) => Promise<unknown>) => {
          const result = await target.transaction(work);
          after(commits++);
          return result;
        };
      },
    });
  }

  function once(id: string, request_hash = 'h'): Once & { replays: number } {
    const request = { id, request_hash, replays: 0, replayed: () => void request.replays++ };
    return request;
  }

  const refusal = (act: Promise<unknown>): Promise<{ code?: string; message?: string }> =>
    act.then(
      () => ({}),
      (error: { code?: string; message?: string }) => error,
    );

  it('commits what the work wrote, and gives its result', async () => {
    const result = await createTransactSql(knex)(async (tx) => {
      await insert('a', tx);
      return { at: new Date(0) };
    });
    expect(result).to.deep.equal({ at: new Date(0) });
    expect(await names()).to.deep.equal(['a']);
  });

  it('BILL-3: an answer that was lost behind the commit is found by the next attempt, and the work done once', async () => {
    let runs = 0;
    const breaking = withCommits((commits) => {
      if (commits === 0) throw new Error('Connection terminated unexpectedly');
    });
    const result = await createTransactSql(breaking)(async (tx) => {
      runs++;
      await insert('a', tx);
      return { total_fee: '12.50' };
    });
    expect(result).to.deep.equal({ total_fee: '12.50' });
    expect(runs).to.equal(1);
    expect(await names()).to.deep.equal(['a']);
  });

  it('BILL-3: the same key brings the first answer, and no second effect', async () => {
    const transact = createTransactSql(knex);
    const work = async (tx: SqlTransaction): Promise<{ n: number }> => {
      await insert('a', tx);
      return { n: 1 };
    };
    const [first, second] = [once('k1'), once('k1')];
    expect(await transact(work, first)).to.deep.equal({ n: 1 });
    expect(await transact(work, second)).to.deep.equal({ n: 1 });
    expect([first.replays, second.replays]).to.deep.equal([0, 1]);
    expect(await names()).to.deep.equal(['a']);
  });

  it('BILL-3: of twenty at once with one key, one does the work and all get its answer', async () => {
    const transact = createTransactSql(knex);
    const requests = Array.from({ length: 20 }, () => once('k2'));
    const answers = await Promise.all(
      requests.map((request, i) =>
        transact(async (tx) => {
          await insert(`by ${i}`, tx);
          return i;
        }, request),
      ),
    );
    expect(new Set(answers).size).to.equal(1);
    expect(await names()).to.deep.equal([`by ${answers[0]}`]);
    expect(requests.reduce((sum, { replays }) => sum + replays, 0)).to.equal(19);
  });

  it('BILL-3: another request with the key is refused, and nothing of it is done', async () => {
    const transact = createTransactSql(knex);
    await transact((tx) => insert('a', tx), once('k3'));
    const refused = await refusal(transact((tx) => insert('b', tx), once('k3', 'other')));
    expect(refused.code).to.equal('idempotency_key_reused');
    expect(await names()).to.deep.equal(['a']);
  });

  it('BILL-3: a key whose work was refused is free: nothing happened under it', async () => {
    const transact = createTransactSql(knex);
    const failing = transact(async (tx) => {
      await insert('a', tx);
      throw new Error('no');
    }, once('k4'));
    expect((await refusal(failing)).message).to.equal('no');
    await transact((tx) => insert('b', tx), once('k4'));
    expect(await names()).to.deep.equal(['b']);
  });
});
