import { expect } from 'chai';
import mongoose from 'mongoose';
import type { Finding } from '../../src/databases/index-diff.js';
import { isDifference } from '../../src/databases/index-diff.js';
import { checkIndexes } from '../../src/databases/index-check.js';
import { connectPostgres, type Knex } from '../../src/databases/postgres/postgres.js';
import { models } from '../../src/models.js';
import { createTestDatabase, startApi } from '../support/api.js';
import { runScript, type ScriptRun } from '../support/run-script.js';
import { startThreeMembers } from '../support/servers.js';

const dbIndexes = (env: Record<string, string>, ...args: string[]) =>
  runScript('check-indexes', args, { LOG_LEVEL: 'error', ...env });

/** `finding name`, one a line, without the ones that only say that nothing has been read yet. */
const namesOf = (findings: readonly Finding[]): string[] =>
  findings.filter(isDifference).map(({ finding, name }) => `${finding} ${name}`);

const told = ({ stdout }: ScriptRun): string[] =>
  namesOf((JSON.parse(stdout) as { findings: Finding[] }).findings);

describe('the indexes after a start', function () {
  this.timeout(60_000);

  it('DBA-1: every declared index exists after start; no collection has an undeclared one', async () => {
    const api = await startApi();
    try {
      await api.make.appointment();
      const { findings, silent_members } = await checkIndexes(api.system.around.stores, models);
      expect(findings.filter(isDifference)).to.deep.equal([]);
      expect(silent_members).to.deep.equal([]);
    } finally {
      await api.stop();
    }
  });
});

describe('npm run db:indexes', function () {
  this.timeout(120_000);
  let env: Record<string, string>;
  let connection: mongoose.Connection;
  let knex: Knex;
  let drop: () => Promise<void>;
  let set: Awaited<ReturnType<typeof startThreeMembers>>;

  before(async () => {
    set = await startThreeMembers();
    const database = await createTestDatabase();
    const MONGODB_URI = set.mongodbUri.replace(/\/[^/?]*(\?|$)/, `/${database.name}$1`);
    env = { MONGODB_URI, POSTGRES_URI: database.uri };
    connection = await mongoose.createConnection(MONGODB_URI).asPromise();
    knex = connectPostgres(database.uri, { poolSize: 1 });
    drop = database.drop;
  });
  after(async () => {
    await connection.close();
    await set.stop();
    await knex.destroy();
    await drop();
  });

  /** What the command would print now. */
  const findings = async (): Promise<readonly Finding[]> =>
    (await checkIndexes({ connection, knex, mongodbUri: env['MONGODB_URI']! }, models)).findings;

  it('DBA-1: reports every declared index of empty databases as missing, and builds nothing unasked', async () => {
    const first = await dbIndexes(env, '--json');
    expect(first.code).to.equal(4);
    const declared = [...models.mongodb, ...models.postgres].reduce(
      (sum, { indexes }) => sum + indexes.length,
      0,
    );
    expect(told(first)).to.have.length(declared);
    expect(namesOf(await findings())).to.deep.equal(told(first));
  });

  it('DBA-1: --apply builds the missing ones; a second look finds no difference', async () => {
    const applied = await dbIndexes(env, '--apply');
    expect(applied.stderr).to.equal('');
    expect(applied.code).to.equal(0);
    expect(applied.stdout).to.match(/built patients name_words_1/);
    const again = await dbIndexes(env, '--json');
    expect(again.code).to.equal(0);
    expect(told(again)).to.deep.equal([]);
  });

  it('DBA-1: names missing, different, extra and redundant ones; --apply leaves what is extra', async () => {
    const appointments = connection.collection('appointments');
    await appointments.dropIndex('patient_id_1_date_1__id_1');
    await appointments.createIndex({ reason: 1 });
    await appointments.createIndex({ doctor_id: 1 });
    await connection.collection('outbox').dropIndex('applied_at_1');
    await connection.collection('outbox').createIndex({ applied_at: 1 }, { expireAfterSeconds: 5 });
    await knex.raw('drop index billing_by_time');
    await knex.raw('create index of_a_stranger on billing (patient_id)');
    const before = await dbIndexes(env, '--json');
    expect(before.code).to.equal(4);
    expect(told(before)).to.have.members([
      'missing patient_id_1_date_1__id_1',
      'extra reason_1',
      'extra doctor_id_1',
      'redundant doctor_id_1',
      'different applied_at_1',
      'missing billing_by_time',
      'extra of_a_stranger',
      'redundant of_a_stranger',
    ]);
    const plain = await dbIndexes(env);
    expect(plain.stdout).to.match(/doctor_id_1 +\| redundant \| doctor_id_1_\w+ answers all that it can/);

    const applied = await dbIndexes(env, '--apply', '--json');
    expect(applied.code).to.equal(4);
    expect(told(applied).filter((line) => line.startsWith('missing'))).to.deep.equal([]);
    expect(told(applied)).to.include.members([
      'extra reason_1',
      'extra of_a_stranger',
      'different applied_at_1',
    ]);
  });

  it('DBA-1: --apply --drop-extra leaves no difference', async () => {
    const applied = await dbIndexes(env, '--apply', '--drop-extra', '--json');
    expect(applied.stderr).to.equal('');
    expect(told(applied)).to.deep.equal([]);
    expect(applied.code).to.equal(0);
  });

  it('DBA-1: an index is unused until some member has read it, a secondary too', async () => {
    const unused = async (): Promise<string[]> =>
      (await findings()).filter(({ finding }) => finding === 'unused').map(({ name }) => name);
    const before = await unused();
    expect(before).to.include('drug_1_created_at_1__id_1');
    expect(before).to.include('billing_by_time');
    expect(before, 'keeps a rule').to.not.include('email_key_1');
    const prescriptions = connection.collection('prescriptions');
    await prescriptions.find({ drug: 'x' }, { readPreference: 'secondary' }).toArray();
    expect(await unused()).to.deep.equal(before.filter((name) => name !== 'drug_1_created_at_1__id_1'));
  });

  it('DBA-1: ends with 2 on a wrong option and with 3 when it cannot connect', async () => {
    expect((await dbIndexes(env, '--bogus')).code).to.equal(2);
    expect((await dbIndexes(env, '--drop-extra')).code).to.equal(2);
    const nobody = 'mongodb://127.0.0.1:9/none?replicaSet=none&serverSelectionTimeoutMS=300';
    const away = await dbIndexes({ ...env, MONGODB_URI: nobody });
    expect(away.code).to.equal(3);
    expect(away.stderr.trim().split('\n')).to.have.length(1);
  });
});
