import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { models } from '../../src/models.js';
import { openTestSystem } from '../support/api.js';

/*
 * What a data folder of an earlier version holds under these names must be found under them. A name may be added here; one
 * that changes needs a migration, and one that goes needs to be empty everywhere before.
 */

const migrations = ['0001-billing', '0002-payments', '0003-rollups'];

/** Entries of these kinds may be waiting when the version before is stopped. */
const kinds = ['appointment.completed', 'appointment.cancelled', 'payment.changed', 'notification.email'];

const collections = [
  'appointments',
  'audit_events',
  'deliveries',
  'departments',
  'doctors',
  'hospitals',
  'idempotency_keys',
  'inbox',
  'loadings',
  'locks',
  'notification_preferences',
  'notifications',
  'outbox',
  'patients',
  'prescription_versions',
  'prescriptions',
  'rate_limits',
  'reconciliations',
  'refresh_tokens',
  'removed_appointments',
  'report_files',
  'report_jobs',
  'saved_reports',
  'sessions',
  'slot_claims',
  'transaction_results',
  'users',
  'waiting_list',
  'webhook_deliveries',
  'webhooks',
];

const tables = [
  'billing',
  'booking_accounts',
  'idempotency_keys',
  'inbox',
  'ledger_entries',
  'ledger_places',
  'number_series',
  'outbox',
  'refunds',
  'transactions',
];

describe('names that are stored', () => {
  let opened: Awaited<ReturnType<typeof openTestSystem>>;
  before(async () => (opened = await openTestSystem()));
  after(() => opened.close());

  it('QUAL-5: collections, tables and migrations of the version before are there', async () => {
    const { knex } = opened.system.around.stores;
    // Not those that are there: one without an index is made by its first document.
    expect(models.mongodb.map(({ collection }) => collection)).to.include.members(collections);
    const rows = await knex('information_schema.tables')
      .where({ table_schema: 'public' })
      .pluck<string[]>('table_name');
    expect(rows).to.include.members(tables);
    const run = await knex('knex_migrations').orderBy('id').pluck<string[]>('name');
    expect(run.slice(0, migrations.length)).to.deep.equal(migrations);
  });

  it('QUAL-5: kinds of outbox entries that may be waiting are still known', async () => {
    const files = (await readdir('src', { recursive: true })).filter((name) => name.endsWith('.ts'));
    const source = (await Promise.all(files.map((name) => readFile(join('src', name), 'utf8')))).join('\n');
    expect(kinds.filter((kind) => !source.includes(`'${kind}'`))).to.deep.equal([]);
  });

  it('QUAL-5: so are the files of a data folder', async () => {
    const folder = 'src/databases';
    const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.ts'));
    const source = (await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')))).join('\n');
    const names = ['embedded.json', 'ports.json', 'jwt-secret', 'password', 'mongo', 'postgres'];
    expect(names.filter((name) => !source.includes(`'${name}'`))).to.deep.equal([]);
  });
});
