import { expect } from 'chai';
import { Decimal128 } from 'mongodb';
import { at, prescription } from '../aggregations/records.js';
import type { CountNote } from '../../src/domains/reports/engine/reports.types.js';
import { startApi, type TestApi } from '../support/api.js';
import { addBills, fillStores, type Bill } from './reports-fixture.js';

const cost = (amount: string) => ({ cost: Decimal128.fromString(amount), drug: 'Salbutamol' });
const asthma = { disease: 'Asthma', disease_code: 'J45' };

describe('GET /reports/average-prescription-cost', () => {
  let api: TestApi;
  let manager: string;
  before(async () => {
    api = await startApi({ MIRROR_MEGABYTES: '256' });
    manager = await api.as('manager');
    const bills: readonly Bill[] = [
      { id: 'B1', patient_id: 'P1', total_cost: '5.00', ...asthma },
      { id: 'B2', patient_id: 'P1', total_cost: '5.01', ...asthma, created_at: at('2025-01-01') },
      { id: 'B3', patient_id: 'P3', total_cost: '1.00', ...asthma, disease: 'Asma' },
      {
        id: 'B4',
        patient_id: 'P1',
        total_cost: '7.50',
        disease: 'Gout',
        created_at: at('2025-12-31T23:59:59.999Z'),
      },
      { id: 'B5', patient_id: 'P4', total_cost: '100.00', created_at: at('2026-01-01') },
      {
        id: 'B6',
        patient_id: 'P1',
        total_cost: '40.00',
        ...asthma,
        kind: 'consultation',
        appointment_id: 'A1',
      },
    ];
    await fillStores(
      api,
      {
        prescriptions: [
          prescription(cost('0.10')),
          prescription({ ...cost('0.15'), start_date: at('2024-01-01') }),
          prescription({ ...cost('3.00'), patient_id: 'P2' }),
          prescription({ ...cost('9.99'), patient_id: 'P2', disease: 'Ache', disease_code: null }),
          prescription({ ...cost('50.00'), disease: null, disease_code: null }),
        ],
      },
      bills,
    );
  });
  after(() => api.stop());

  const ask = async (query = '', token = manager) =>
    (await api.get(`/reports/average-prescription-cost${query}`, { token })).body;

  it('REP-4: joins both stores by patient and disease, and shows what only one of them has', async () => {
    const { rows, receipt, notes, provenance } = await ask();
    const none = { billed_rows: 0, billed_total: 0, average_billed: null };
    expect(rows).to.deep.equal([
      {
        ...{ disease: 'Gout', disease_code: null, patients: 0, prescriptions: 0 },
        ...{ total_prescription_cost: 0, average_prescription_cost: null },
        ...{ billed_rows: 1, billed_total: 7.5, average_billed: 7.5 },
      },
      {
        // 3.25 / 3 and 11.01 / 3; the least of the two names.
        ...{ disease: 'Asma', disease_code: 'J45', patients: 2, prescriptions: 3 },
        ...{ total_prescription_cost: 3.25, average_prescription_cost: 1.08 },
        ...{ billed_rows: 3, billed_total: 11.01, average_billed: 3.67 },
      },
      {
        ...{ disease: 'Ache', disease_code: null, patients: 1, prescriptions: 1 },
        ...{ total_prescription_cost: 9.99, average_prescription_cost: 9.99, ...none },
      },
    ]);
    expect(receipt).to.deep.equal({
      patients: { both: 1, only_mongodb: 1, only_postgres: 1 },
      patient_diseases: { both: 1, only_mongodb: 2, only_postgres: 2 },
      prescribed: { attributed: 13.24, without_disease: 50, total: 63.24 },
      billed: {
        attributed: 18.51,
        unattributed: { without_disease: 100, filtered_out: 0, total: 100 },
        total: 118.51,
        balanced: true,
      },
    });
    const told = notes.map(({ about, than, left_out }: CountNote) => [about, than, left_out]);
    expect(told).to.deep.equal([
      ['total_prescription_cost', 'drug-spend', 50],
      ['billed_total', 'revenue', 100],
      ['billed_total', 'revenue', undefined],
    ]);
    expect(provenance.rows_read).to.deep.equal({ mongodb: 4, postgres: 5 });
    expect(Date.parse(provenance.as_of.postgres)).to.be.closeTo(Date.now(), 60_000);
  });

  it('REP-4: a disease by its code or by a name it goes by; the rest of the money is told', async () => {
    for (const disease of ['J45', 'Asthma', 'Asma']) {
      const { rows, receipt } = await ask(`?disease=${disease}`);
      expect(rows, disease).to.have.length(1);
      expect(rows[0], disease).to.include({ disease_code: 'J45', prescriptions: 3, billed_total: 11.01 });
      expect(receipt.billed).to.deep.equal({
        attributed: 11.01,
        unattributed: { without_disease: 100, filtered_out: 7.5, total: 107.5 },
        total: 118.51,
        balanced: true,
      });
    }
    // Prescriptions for none were not asked for.
    expect((await ask('?disease=J45')).receipt.prescribed).to.include({ without_disease: 0, total: 3.25 });
    const unknown = await ask('?disease=Scurvy');
    expect(unknown.rows).to.deep.equal([]);
    expect(unknown.receipt.billed).to.include({ attributed: 0, total: 118.51, balanced: true });
  });

  it('REP-13: what a report leaves out is what the one that counts it has more', async () => {
    const { notes, totals } = await ask('?from=2024-01-01');
    const { body } = await api.get('/reports/drug-spend?from=2024-01-01', { token: manager });
    const [{ about, left_out }] = notes;
    expect(totals[about] + left_out).to.equal(body.totals.total_cost);
    expect(body.notes.map(({ than }: CountNote) => than)).to.deep.equal([
      ...['average-prescription-cost', 'revenue'],
    ]);
    const summed = await ask('?from=2024-01-01&path=definition', await api.as('admin'));
    expect(summed.notes).to.deep.equal(notes);
  });

  it('REP-4: kind=all takes every kind of billing row', async () => {
    const { rows, receipt } = await ask('?kind=all&disease=J45');
    expect(rows[0]).to.include({ billed_rows: 4, billed_total: 51.01 });
    expect(receipt.billed).to.include({ total: 158.51, balanced: true });
  });

  it('REP-4: the period is that of start_date and of created_at, half-open', async () => {
    const { rows, receipt } = await ask('?from=2025-01-01&to=2026-01-01');
    const figures = rows.map((row: Record<string, unknown>) => [
      row['disease'],
      row['prescriptions'],
      row['billed_rows'],
    ]);
    expect(figures).to.deep.equal([
      ['Gout', 0, 1],
      ['Asthma', 2, 1],
      ['Ache', 1, 0],
    ]);
    expect(receipt.billed).to.include({ total: 12.51, balanced: true });
  });

  for (const path of ['mirror', 'definition'])
    it(`REP-4: the receipt balances while rows are being written, from the ${path}`, async () => {
      const admin = await api.as('admin');
      let writing = true;
      const writer = (async () => {
        for (let n = 0; writing; n += 1)
          await addBills(api, [
            { id: `${path} ${n}`, patient_id: `P${n % 7}`, total_cost: '0.07', ...(n % 2 ? asthma : {}) },
          ]);
      })();
      const totals = new Set<number>();
      // At least so often, and until something was written in between.
      const deadline = performance.now() + 30_000;
      for (let n = 0; n < 15 || (totals.size < 2 && performance.now() < deadline); n += 1) {
        const { receipt, provenance } = await ask(path === 'mirror' ? '' : '?path=definition', admin);
        expect(provenance.path).to.equal(path);
        expect(receipt.billed.balanced).to.equal(true);
        totals.add(receipt.billed.total);
      }
      writing = false;
      await writer;
      expect(totals.size).to.be.greaterThan(1);
    });
});
