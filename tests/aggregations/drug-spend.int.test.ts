import { expect } from 'chai';
import { Decimal128 } from 'mongodb';
import { drugSpend, type DrugSpendParams, type DrugSpendRow } from '../../aggregations/drug-spend.js';
import { drugRows } from '../../src/domains/reports/definitions/drug-spend/drug-spend.report.js';
import { toCents } from '../../src/lib/money.js';
import { at, openScratch, prescription, type Scratch } from './records.js';

describe('aggregation drug-spend', () => {
  let scratch: Scratch;
  before(async () => void (scratch = await openScratch()));
  after(() => scratch.close());

  const prescribed = (drug: string, drug_code: string | null, cost: string, fields: object = {}) =>
    prescription({ drug, drug_code, cost: Decimal128.fromString(cost), ...fields });

  async function spent(params: Partial<DrugSpendParams> = {}, limit = 50) {
    const rows = await scratch.run<DrugSpendRow>(drugSpend({ from: null, to: null, ...params }));
    return drugRows(
      rows.map(({ cost, ...row }) => ({ ...row, cents: toCents(cost.toString()) })),
      limit,
    );
  }

  it('REP-5: a drug is its code, or its name without any; patients are distinct, money is exact', async () => {
    await scratch.fill({
      prescriptions: [
        prescribed('Zestril', '123', '0.10'),
        prescribed('Lisinopril', '123', '0.20', { patient_id: 'P2' }),
        prescribed('Lisinopril', '123', '0.20'),
        prescribed('Lisinopril', null, '0.50'),
        prescribed('Aspirin', '9', '0.50', { start_date: null }),
      ],
    });
    const { rows, receipt, rows_read } = await spent();
    const one = { prescriptions: 1, patients: 1, total_cost: '0.50', average_cost: '0.50' };
    expect(rows).to.deep.equal([
      { drug: 'Aspirin', drug_code: '9', ...one },
      {
        ...{ drug: 'Lisinopril', drug_code: '123', prescriptions: 3, patients: 2 },
        ...{ total_cost: '0.50', average_cost: '0.17' },
      },
      { drug: 'Lisinopril', drug_code: null, ...one },
    ]);
    const total = { drugs: 3, prescriptions: 5, total_cost: '1.50' };
    expect(receipt).to.deep.equal({
      shown: total,
      others: { drugs: 0, prescriptions: 0, total_cost: '0.00' },
      total,
    });
    expect(rows_read).to.deep.equal({ mongodb: 5, postgres: 0 });
  });

  it('REP-5: what is beyond the limit is in the receipt, to the cent', async () => {
    await scratch.fill({
      prescriptions: [
        prescribed('A', null, '9999999999.99'),
        prescribed('B', null, '0.01'),
        prescribed('C', null, '0.02'),
      ],
    });
    const { rows, receipt } = await spent({}, 1);
    expect(rows.map(({ drug }) => drug)).to.deep.equal(['A']);
    expect(receipt).to.deep.equal({
      shown: { drugs: 1, prescriptions: 1, total_cost: '9999999999.99' },
      others: { drugs: 2, prescriptions: 2, total_cost: '0.03' },
      total: { drugs: 3, prescriptions: 3, total_cost: '10000000000.02' },
    });
  });

  it('REP-5: the period is that of the first day; without one a prescription is in no period', async () => {
    await scratch.fill({
      prescriptions: [
        prescribed('A', null, '1.00', { start_date: at('2025-01-01') }),
        prescribed('A', null, '2.00', { start_date: at('2025-02-01') }),
        prescribed('A', null, '4.00', { start_date: null }),
        prescribed('A', null, '8.00', { start_date: at('2025-01-02'), hospital_id: 'H2' }),
      ],
    });
    const period = { from: at('2025-01-01'), to: at('2025-02-01') };
    expect((await spent(period)).rows[0]).to.include({ prescriptions: 2, total_cost: '9.00' });
    expect((await spent({ ...period, hospital_ids: ['H1'] })).rows[0]).to.include({ total_cost: '1.00' });
    expect((await spent()).rows[0]).to.include({ prescriptions: 4, total_cost: '15.00' });
    expect((await spent({ hospital_ids: [] })).rows).to.deep.equal([]);
  });
});
