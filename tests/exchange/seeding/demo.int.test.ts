import { expect } from 'chai';
import { toCents } from '../../../src/lib/money.js';
import type { System } from '../../../src/system.js';
import { openTestSystem } from '../../support/api.js';
import { clear } from '../imports/files.js';

const dayMs = 86_400_000;

describe('the demo data', function () {
  this.timeout(120_000);
  let system: System;
  let close: () => Promise<void>;

  before(async () => {
    ({ system, close } = await openTestSystem());
  });
  after(() => close());
  afterEach(() => clear(system));

  const collection = (name: string) => system.around.stores.connection.collection(name);
  const count = (name: string, filter = {}) => collection(name).countDocuments(filter);

  it('QUAL-1: loads into an empty system once: a start that was killed is finished, then nothing is loaded', async () => {
    const said: string[] = [];
    const load = () => system.parts.seeding.loadDemo((line) => said.push(line));
    await load();
    expect(said).to.have.length(2);
    const appointments = await count('appointments');
    expect(appointments).to.be.greaterThan(5_000);

    // As if it had been killed before its end, some days ago: it goes on with the records that it has begun.
    await collection('loadings').updateOne({}, { $set: { finished_at: null } });
    await collection('appointments').deleteMany({ status: 'no_show' });
    await collection('appointments').updateMany({ status: 'cancelled' }, { $unset: { payment: 1 } });
    const entries = await system.around.stores.knex('ledger_entries').count();
    await load();
    expect(await system.around.stores.knex('ledger_entries').count()).to.deep.equal(entries);
    expect(await count('appointments', { status: 'cancelled', payment: { $ne: null } })).to.be.greaterThan(0);
    expect(said).to.have.length(4);
    expect(await count('appointments')).to.equal(appointments);

    await collection('prescriptions').deleteMany({});
    await load();
    expect(said).to.have.length(4);
    expect(await count('prescriptions')).to.equal(0);
  });

  it('REP-13: lives today: visits of every period that is asked for, and some to come; nothing is over before its time', async () => {
    await system.parts.seeding.loadDemo();
    const now = Date.now();
    for (const days of [7, 30, 90, 365, 720])
      for (const status of ['completed', 'cancelled', 'no_show'])
        expect(
          await count('appointments', {
            status,
            date: { $gte: new Date(now - days * dayMs), $lt: new Date(now) },
          }),
          `${status}, ${days} days`,
        ).to.be.greaterThan(0);
    const toCome = { date: { $gt: new Date(now) } };
    expect(await count('appointments', { ...toCome, date: { $lt: new Date(now + 4 * dayMs) } })).greaterThan(
      0,
    );
    expect(await count('appointments', { ...toCome, status: { $ne: 'scheduled' } })).to.equal(0);
    expect(await count('appointments', { date: { $gt: new Date(now + 15 * dayMs) } })).to.equal(0);
    const days = await collection('appointments').distinct('date', {
      date: { $gte: new Date(now - 28 * dayMs), $lt: new Date(now) },
    });
    expect(new Set(days.map((date: Date) => date.toISOString().slice(0, 10))).size).to.be.greaterThan(15);
    // Nobody else can book the time of a visit to come.
    const drift = await system.parts.reconciliation.run({ apply: false, graceMs: 0 });
    expect(drift!.kinds.filter(({ found }) => found > 0).map(({ kind }) => kind)).to.deep.equal([]);
    for (const [name, filter] of [
      ['prescriptions', { start_date: { $gte: new Date(now - 30 * dayMs) } }],
      ['patients', { 'diagnoses.start_date': { $gte: new Date(now - 30 * dayMs) } }],
    ] as const)
      expect(await count(name, filter), name).to.be.greaterThan(0);
    const bills = system.around.stores.knex('billing').where('created_at', '>=', new Date(now - 30 * dayMs));
    expect((await bills.distinct('kind')).map(({ kind }: { kind: string }) => kind).sort()).to.deep.equal([
      'consultation',
      'prescription',
    ]);
  });

  it('BILL-4: its books are right: most is paid, some is owed, given back or waits; the visits say so too', async () => {
    await system.parts.seeding.loadDemo();
    const { payments, reconciliation } = system.parts;
    expect(await payments.faults()).to.deep.equal([]);
    const { accounts, sum } = await payments.trialBalance();
    expect(sum).to.equal('0.00');
    const balance = Object.fromEntries(accounts.map(({ account, balance: of }) => [account, toCents(of)]));
    const net = -(balance['revenue']! + balance['cancellation_fees']! + balance['refunds_given']!);
    // What was earned and the tax are what came in and stayed, and what is still owed.
    expect(net - balance['gst_payable']!).to.equal(balance['cash']! + balance['receivable']!);
    expect(Number(balance['receivable']) / Number(net)).to.be.within(0.01, 0.2);
    const { knex } = system.around.stores;
    const countRows = async (table: string, which: string) =>
      Number((await knex(table).whereRaw(which).count<{ count: string }[]>())[0]!.count);
    for (const [table, which, least] of [
      ['transactions', 'paid_at is null and failed_at is null', 1],
      ['transactions', `failure = 'declined'`, 20],
      ['refunds', `cause = 'cancellation' and credit_note_number is not null`, 100],
      ['refunds', `cause = 'request' and credit_note_number is not null`, 50],
      ['refunds', 'decided_at is null', 1],
      ['ledger_entries', `kind = 'forfeit'`, 100],
    ] as const)
      expect(await countRows(table, which), which).to.be.at.least(least);
    expect(await countRows('ledger_entries', 'posted_at > now()')).to.equal(0);
    for (const days of [7, 30, 90, 365])
      expect(
        await countRows('transactions', `paid_at > now() - interval '${days} days'`),
        `${days} days`,
      ).to.be.greaterThan(0);
    const paid = await knex('transactions').whereNotNull('paid_at').whereNull('bill_id').count();
    expect(await count('appointments', { payment: { $ne: null } })).to.equal(Number(paid[0]!['count']));
    const drift = await reconciliation.run({ apply: false, graceMs: 0 });
    expect(drift!.kinds.filter(({ found }) => found > 0).map(({ kind }) => kind)).to.deep.equal([]);
    // In the order of time, as their numbers are.
    const late = await knex.raw<{ rows: unknown[] }>(
      `select from (select created_at, lag(created_at) over (order by invoice_number) as before
         from transactions where invoice_number is not null) as numbered where created_at < before`,
    );
    expect(late.rows).to.have.length(0);
  });

  it('REP-13: has several regions and specialties, and names as people have them', async () => {
    await system.parts.seeding.loadDemo();
    expect(await collection('hospitals').distinct('region')).to.have.length.greaterThan(1);
    expect(await collection('doctors').distinct('specialty')).to.have.length.greaterThan(5);
    for (const people of ['patients', 'doctors'])
      expect(await count(people, { name: /\d/ }), people).to.equal(0);
  });

  it('QUAL-1: stays out of a system that has hospitals of its own', async () => {
    await collection('hospitals').insertOne({ _id: 'own' as never, name: 'Own' });
    await system.parts.seeding.loadDemo();
    expect(await count('appointments')).to.equal(0);
  });
});
