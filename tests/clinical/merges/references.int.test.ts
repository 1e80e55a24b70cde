import { expect } from 'chai';
import { leftAlone } from '../../../src/domains/clinical/merges/merges.references.js';
import { inStep } from '../../reports/reports-fixture.js';
import { startApi, type TestApi } from '../../support/api.js';
import { attached, merge, openClinic } from './attached.js';

/* PAT-7: a merge forgets nothing. The places are found by looking for the patient's id in all that the stores hold, not in a list of ours. */

/** Whether the id stands anywhere in it, as a value or inside a text. */
const says = (value: unknown, id: string): boolean => JSON.stringify(value).includes(`${id}`);

describe('references to a patient', function () {
  this.timeout(60_000);
  let api: TestApi;
  before(async () => {
    api = await startApi();
  });
  after(() => api.stop());

  /** Collections and columns that have the id, with how many records do. */
  async function placesOf(id: string): Promise<Record<string, number>> {
    const { connection, knex } = api.system.around.stores;
    const places: Record<string, number> = {};
    const found = (place: string, records: readonly unknown[]): void => {
      const count = records.filter((record) => says(record, id)).length;
      if (count > 0) places[place] = count;
    };
    const all = await connection.db!.listCollections({}, { nameOnly: true }).toArray();
    for (const { name } of all) found(name, await connection.db!.collection(name).find().toArray());
    const { rows } = await knex.raw<{ rows: { table_name: string; column_name: string }[] }>(
      `select table_name, column_name from information_schema.columns
       where table_schema = current_schema() and table_name in (
         select tablename from pg_tables where schemaname = current_schema())`,
    );
    for (const { table_name, column_name } of rows) {
      const read = 'select ??::text as value from ??';
      const { rows: values } = await knex.raw<{ rows: object[] }>(read, [column_name, table_name]);
      found(`${table_name}.${column_name}`, values);
    }
    return places;
  }

  it('PAT-7: are all moved by a merge, wherever they are, but for those that are history', async () => {
    const clinic = await openClinic(api);
    const into = await attached(api, clinic);
    const from = await attached(api, clinic, {}, { waits: true });
    const before = await placesOf(from.patient_id);
    // The stores are full: whatever can name a patient does, or this test would look at nothing.
    expect(Object.keys(before)).to.include.members([
      ...['appointments', 'removed_appointments', 'slot_claims', 'prescriptions', 'prescription_versions'],
      ...['waiting_list', 'emergency_accesses', 'users', 'patients', 'outbox', 'audit_events'],
      ...['billing.patient_id', 'booking_accounts.patient_id', 'transactions.patient_id'],
      ...['ledger_entries.patient_id', 'outbox.payload'],
    ]);
    const merged = await merge(api, into.patient_id, from.patient_id);
    expect(merged.status, JSON.stringify(merged.body)).to.equal(201);
    await inStep(api);
    const after = await placesOf(from.patient_id);
    const { connection, knex } = api.system.around.stores;
    // News that both stores have applied is history too.
    const waiting = [
      ...(await connection.db!.collection('outbox').find({ applied_at: null }).toArray()),
      ...(await knex('outbox').whereNull('applied_at')),
    ];
    expect(waiting.filter((news) => says(news, from.patient_id))).to.deep.equal([]);
    expect(Object.keys(after).filter((place) => !Object.hasOwn(leftAlone, place))).to.deep.equal([]);
  });

  it('PAT-7: are in no collection and no column that the test has not filled', async () => {
    const { connection, knex } = api.system.around.stores;
    const fields = Object.values(connection.models).flatMap(({ schema, collection }) => {
      const paths = Object.keys(schema.paths).flatMap((path) => {
        const inside = (schema.paths[path] as { schema?: { paths: object } }).schema;
        return inside ? Object.keys(inside.paths).map((inner) => `${path}.${inner}`) : [path];
      });
      return paths.filter((path) => /patient_ids?$/.test(path)).map((path) => `${collection.name} ${path}`);
    });
    expect(fields.sort()).to.deep.equal(
      [...['appointments', 'emergency_accesses', 'prescriptions', 'slot_claims', 'users'], 'waiting_list']
        .map((name) => `${name} patient_id`)
        .concat('prescription_versions prescription.patient_id', 'audit_events patient_ids')
        .concat(['merged_patients into_patient_id', 'patient_duplicates patient_ids'])
        .concat(['from', 'into'].map((which) => `patient_merges ${which}_patient_id`))
        .sort(),
    );
    const { rows } = await knex.raw<{ rows: { place: string }[] }>(
      `select table_name || '.' || column_name as place from information_schema.columns
       where table_schema = current_schema() and column_name like '%patient\\_id%'
         and table_name in (select tablename from pg_tables where schemaname = current_schema())
       order by 1`,
    );
    expect(rows.map(({ place }) => place)).to.deep.equal([
      ...['billing.patient_id', 'booking_accounts.patient_id', 'ledger_entries.patient_id'],
      ...['patient_merges.from_patient_id', 'patient_merges.into_patient_id', 'transactions.patient_id'],
    ]);
  });
});
