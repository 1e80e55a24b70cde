import { expect } from 'chai';
import { dropLeftBehind } from '../../src/databases/mongo/left-behind.js';
import { down, up } from '../../src/databases/migrations/0006-no-rollups.js';
import { models } from '../../src/models.js';
import { openDesk } from '../money/payments/desk.js';
import { startApi, type TestApi } from '../support/api.js';

describe('what versions before have kept for reports', () => {
  let api: TestApi;
  before(async () => {
    api = await startApi();
  });
  after(() => api.stop());

  it('REP-9: is taken out of MongoDB at a start, once; the records stay, and their changes cost no image', async () => {
    const { connection } = api.system.around.stores;
    const db = connection.db!;
    const { patient_id } = await api.make.patient();
    const kept = ['rollup_state', 'rollup_units', 'rollup_doctor_visits', 'projector_leases'];
    for (const name of kept) await connection.collection(name).insertOne({ n: 1 });
    await db.command({ collMod: 'patients', changeStreamPreAndPostImages: { enabled: true } });

    expect((await dropLeftBehind(connection, models.mongodb)).sort()).to.deep.equal(kept.sort());
    expect(await dropLeftBehind(connection, models.mongodb)).to.deep.equal([]);

    const names = (await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name);
    for (const name of kept) expect(names).not.to.include(name);
    const [patients] = await db.listCollections({ name: 'patients' }, { nameOnly: false }).toArray();
    const { changeStreamPreAndPostImages: images } = (patients as { options: Record<string, unknown> })
      .options;
    expect(images ?? { enabled: false }).to.deep.equal({ enabled: false });
    expect(
      (await api.get(`/patients/${patient_id as string}`, { token: await api.as('admin') })).status,
    ).to.equal(200);
  });

  it('REP-9: migration 0006 takes it out of Postgres; what was written stays, and who writes goes on', async () => {
    const { knex } = api.system.around.stores;
    const desk = await openDesk(api);
    await desk.paid();
    const places = () => knex('ledger_places').orderBy('entry_number');
    const before: unknown[] = await places();
    expect(before).not.to.be.empty;

    // As the version before had it.
    await knex.transaction(down);
    const kept = () =>
      knex('rollup_ledger')
        .where({ level: 'network', grain: 'year' })
        .sum({ entries: 'entries' })
        .first<{ entries: string }>();
    expect(Number((await kept()).entries)).to.equal(before.length);
    await desk.paid();
    await knex.transaction(up);

    const { rows } = await knex.raw<{ rows: unknown[] }>(
      `select proname as name from pg_proc where proname like '%rollup%'
       union all select relname from pg_class where relname like '%rollup%' or relname = 'projections'
       union all select tgname from pg_trigger where tgname like '%rollup%'`,
    );
    expect(rows).to.deep.equal([]);
    const after: unknown[] = await places();
    expect(after.slice(0, before.length)).to.deep.equal(before);
    expect(after.length).to.be.greaterThan(before.length);
    await desk.paid();
    await desk.expectRight();
  });
});
