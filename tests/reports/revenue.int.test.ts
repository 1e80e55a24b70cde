import { expect } from 'chai';
import { poll } from '../../src/databases/embedded/processes.js';
import { appointment, at } from '../aggregations/records.js';
import { openDesk } from '../money/payments/desk.js';
import { startApi, type TestApi } from '../support/api.js';
import { inStep } from './reports-fixture.js';
import { expectBalanced, type Figures } from './revenue-figures.js';

describe('GET /reports/revenue', () => {
  let api: TestApi;
  let manager: string;
  before(async () => {
    api = await startApi({
      ...{ REFUND_APPROVAL_ABOVE: '10000', MIRROR_MEGABYTES: '256' },
      // A document that cannot be counted is logged as an error.
      LOG_LEVEL: 'silent',
    });
    manager = await api.as('manager');
  });
  after(() => api.stop());

  const ask = (query: string, token = manager) => api.get(`/reports/revenue${query}`, { token });

  it('REP-5, REP-13: what was billed, paid, refunded and is outstanding, by department, doctor and month', async () => {
    const desk = await openDesk(api);
    const paid = await desk.paid();
    const { doctor_id } = paid;
    expect((await desk.refund(paid.transaction_id, { amount: 11.8, reason: 'part' })).status).to.equal(200);
    const voided = await desk.paid();
    const gone = await api.delete(`/transactions/${voided.transaction_id}`, {
      token: await api.as('admin'),
    });
    expect(gone.status).to.equal(204);
    const done = await desk.booked();
    await api.system.around.stores.knex('billing').insert([
      {
        ...{ id: 'B-done', patient_id: done.patient_id, appointment_id: done.appointment_id, doctor_id },
        ...{ kind: 'consultation', total_cost: '100.00', created_at: at('2025-03-31T23:00:00Z') },
      },
      {
        ...{ id: 'B-nobody', patient_id: 'P-elsewhere', kind: 'prescription', total_cost: '7.00' },
        created_at: at('2025-05-01'),
      },
    ]);

    await inStep(api);
    const { body } = await ask('?by=doctor');
    expectBalanced(body as Figures);
    const named = { doctor_id, doctor: 'Dr Ada Test', department_id: null, department: null, month: null };
    expect(body.rows).to.have.length(2);
    const { hospital_id } = (await api.get(`/doctors/${doctor_id}`)).body;
    const { name: hospital } = (await api.get(`/hospitals/${hospital_id}`)).body;
    expect(hospital).to.be.a('string');
    expect(body.rows[0]).to.deep.equal({
      hospital,
      ...named,
      ...{ billed: 100, cancellation_fees: 0, given_back: 0, net: 100, tax: 16.2 },
      ...{ collected: 236, voided: 118, refunded: 11.8, outstanding: 10, bills: 1, transactions: 2 },
    });
    // What nobody can tell stands in a row of its own, behind the others.
    expect(body.rows[1]).to.include({ doctor_id: null, doctor: null, billed: 7, outstanding: 7, bills: 1 });
    expect(body.receipt.accounts.revenue).to.deep.equal({
      attributed: -100,
      unattributed: -7,
      total: -107,
    });
    expect(body.receipt.accounts.cash).to.deep.equal({
      attributed: 106.2,
      unattributed: 0,
      total: 106.2,
    });

    const months = (await ask('?by=month&from=2025-01-01&to=2026-01-01')).body;
    expectBalanced(months as Figures);
    const billed = months.rows.map((row: Record<string, unknown>) => [row['month'], row['billed']]);
    expect(billed).to.deep.equal([
      ['2025-03', 100],
      ['2025-04', 0],
      ['2025-05', 7],
    ]);
    const { body: departments } = await ask('?to=2025-04-01');
    expect(departments.rows).to.have.length(1);
    expect(departments.rows[0]).to.include({ department_id: null, billed: 100 });
    expect((await ask(`?by=doctor&doctor_id=${doctor_id}`)).body.receipt.accounts.revenue.total).to.equal(
      -100,
    );
  });

  it('REP-5: is for managers, admins and doctors; a doctor sees what they earned and nothing else', async () => {
    expect((await api.get('/reports/revenue')).status).to.equal(401);
    for (const role of ['patient', 'vendor', 'customer', 'pharmacist'] as const)
      expect((await ask('', await api.as(role))).status, role).to.equal(403);
    expect((await ask('', await api.as('admin'))).status).to.equal(200);
    const own = await api.make.doctor();
    const { token } = await api.make.account('doctor', { doctor_id: own.doctor_id as string });
    const { body } = await ask('?by=doctor', token);
    expect([body.rows, body.receipt.accounts.cash.total]).to.deep.equal([[], 0]);
    const other = await api.make.doctor();
    expect((await ask(`?by=doctor&doctor_id=${other.doctor_id}`, token)).status).to.equal(403);
  });

  it('REP-9: by month it is answered from the mirror while documents cannot be counted', async () => {
    const path = async (query: string): Promise<string> => (await ask(query)).body.provenance.path as string;
    const visits = api.system.around.stores.connection.db!.collection('appointments');
    await inStep(api);
    // Half a day as well.
    const queries = ['?by=month', '?by=month&from=2025-01-01T12:00:00Z', '?by=doctor', '?by=department'];
    for (const query of queries) expect(await path(query), query).to.equal('mirror');
    const wrong = appointment({ date: 'soon' });
    await visits.insertOne(wrong, { bypassDocumentValidation: true });
    const isSo = () => Promise.resolve(api.system.parts.mirror!.report().status === 'failed');
    expect(await poll(isSo, 30_000)).to.equal(true);
    expect(await Promise.all(queries.map(path))).to.deep.equal([
      ...['mirror', 'mirror'],
      ...['definition', 'definition'],
    ]);
    await visits.deleteOne({ _id: wrong['_id'] });
    await inStep(api);
    for (const query of queries) expect(await path(query), query).to.equal('mirror');
  });

  it('REP-5: refuses what it does not know, by name', async () => {
    for (const [query, pointer] of [
      ['?by=patient', '/query/by'],
      ['?from=2025-02-30', '/query/from'],
      ['?doctor_id=D-none', '/query/doctor_id'],
    ]) {
      const { status, body } = await ask(query!);
      expect([status, body.errors[0].pointer]).to.deep.equal([400, pointer]);
    }
  });
});
