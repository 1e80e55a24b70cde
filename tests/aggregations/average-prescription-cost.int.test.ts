import { expect } from 'chai';
import { Decimal128 } from 'mongodb';
import {
  averagePrescriptionCost,
  type AveragePrescriptionCostRow,
} from '../../aggregations/average-prescription-cost.js';
import { at, openScratch, prescription, type Scratch } from './records.js';

const always = { from: null, to: null };

describe('aggregation average-prescription-cost', () => {
  let scratch: Scratch;
  before(async () => void (scratch = await openScratch()));
  after(() => scratch.close());

  const run = async (params: Parameters<typeof averagePrescriptionCost>[0]) =>
    (await scratch.run<AveragePrescriptionCostRow>(averagePrescriptionCost(params)))
      .map((row) =>
        [
          row.disease_code,
          row.disease,
          row.prescriptions,
          row.cost.toString(),
          ...[...new Set(row.patient_ids)].sort(),
        ].join(' '),
      )
      .sort();
  const cost = (amount: string) => ({ cost: Decimal128.fromString(amount) });

  it('REP-4: sums by disease as it was written, exactly, with its patients, by department', async () => {
    await scratch.fill({
      prescriptions: [
        ...Array.from({ length: 10 }, () => prescription(cost('0.10'))),
        prescription({ ...cost('0.10'), patient_id: 'Q1' }),
        prescription({ ...cost('9999999999.99'), disease: 'Allergic asthma' }),
        prescription({ ...cost('1.00'), patient_id: 'P2', department_id: 'DEP2' }),
        prescription({ ...cost('2.00'), disease_code: null }),
        prescription({ ...cost('4.00'), disease: null, disease_code: null }),
      ],
    });
    expect(await run(always)).to.deep.equal([
      // For no disease: a sum, and no patients.
      '  1 4.00',
      ' Asthma 1 2.00 P1',
      'J45 Allergic asthma 1 9999999999.99 P1',
      'J45 Asthma 1 1.00 P2',
      'J45 Asthma 11 1.10 P1 Q1',
    ]);
  });

  it('REP-4: keeps a disease by its codes, or by its name where it has none', async () => {
    await scratch.fill({
      prescriptions: [
        prescription(cost('1.00')),
        prescription({ ...cost('2.00'), disease: 'Asthma', disease_code: null }),
        prescription({ ...cost('4.00'), disease: 'Asthma', disease_code: 'X99' }),
        prescription({ ...cost('8.00'), disease: 'Gout', disease_code: null }),
      ],
    });
    expect(await run({ ...always, diseases: { codes: ['Asthma', 'J45'], name: 'Asthma' } })).to.deep.equal([
      ' Asthma 1 2.00 P1',
      'J45 Asthma 1 1.00 P1',
    ]);
  });

  it('REP-4: counts what starts in the period, half-open; without a period also what has no start', async () => {
    await scratch.fill({
      prescriptions: [
        prescription({ ...cost('1.00'), start_date: at('2025-01-01') }),
        prescription({ ...cost('2.00'), start_date: at('2026-01-01') }),
        prescription({ ...cost('4.00'), start_date: null }),
      ],
    });
    const year = { from: at('2025-01-01'), to: at('2026-01-01') };
    expect(await run(year)).to.deep.equal(['J45 Asthma 1 1.00 P1']);
    expect(await run(always)).to.deep.equal(['J45 Asthma 3 7.00 P1']);
  });
});
