import { expect } from 'chai';
import fc from 'fast-check';
import { Decimal128 } from 'mongodb';
import type { DurationsRow } from '../../aggregations/stages/durations.js';
import { costRows } from '../../src/domains/reports/definitions/average-prescription-cost/average-prescription-cost.join.js';
import {
  durationFigures,
  trendRows,
} from '../../src/domains/reports/definitions/disease-trends/disease-trends.report.js';
import { toldApart } from '../../src/domains/reports/engine/reports.figures.js';
import { monthRows } from '../../src/domains/reports/definitions/monthly-appointments-trend/monthly-appointments-trend.report.js';

describe('report figures', () => {
  describe('toldApart', () => {
    it('REP-13: bars are called by their names, and by more of their words where those would be alike', () => {
      expect(
        toldApart([
          ['Cardiology', 'Boston General', 'D1'],
          ['General Practice', 'Boston General', 'D2'],
          ['General Practice', 'Chicago Memorial', 'D3'],
        ]),
      ).to.deep.equal([
        'Cardiology',
        'General Practice, Boston General',
        'General Practice, Chicago Memorial',
      ]);
      expect(
        toldApart([
          ['Dr Lee', 'Oncology', 'D1'],
          ['Dr Lee', 'Oncology', 'D2'],
          ['Dr Lee', null, 'D3'],
        ]),
      ).to.deep.equal(['Dr Lee, Oncology, D1', 'Dr Lee, Oncology, D2', 'Dr Lee, D3']);
      expect(toldApart([])).to.deep.equal([]);
      // Nothing tells them apart.
      expect(toldApart([['A'], ['A']])).to.deep.equal(['A', 'A']);
    });
  });

  describe('durationFigures', () => {
    const of = (...days: number[]) => durationFigures(days.map((one) => ({ days: one, episodes: 1 })));

    it('REP-2: the median is the middle one, or the mean of the two in the middle', () => {
      expect(of(5).median_days).to.equal(5);
      expect(of(1, 100, 3).median_days).to.equal(3);
      expect(of(4, 1, 2, 100).median_days).to.equal(3);
      expect(of(1, 2).median_days).to.equal(1.5);
    });

    it('REP-2: p90 is the ceil(0.9 n)-th shortest', () => {
      expect(of(7).p90_days).to.equal(7);
      expect(of(...Array.from({ length: 10 }, (_, n) => n + 1)).p90_days).to.equal(9);
      expect(of(...Array.from({ length: 11 }, (_, n) => n + 1)).p90_days).to.equal(10);
    });

    it('REP-2: averages are rounded half up', () => {
      expect(
        durationFigures([
          { days: 0, episodes: 199 },
          { days: 1, episodes: 1 },
        ]).average_days,
      ).to.equal(0.01);
      expect(
        durationFigures([
          { days: 0, episodes: 201 },
          { days: 1, episodes: 1 },
        ]).average_days,
      ).to.equal(0);
      expect(of(0, 0, 2).average_days).to.equal(0.67);
    });

    it('REP-2: a histogram says the same as the list of its days', () => {
      fc.assert(
        fc.property(fc.array(fc.nat(30), { minLength: 1, maxLength: 50 }), (all) => {
          const bars = [...new Set(all)].map((days) => ({
            days,
            episodes: all.filter((one) => one === days).length,
          }));
          expect(durationFigures(bars)).to.deep.equal(of(...all));
        }),
      );
    });
  });

  describe('trendRows', () => {
    const bar = (fields: Partial<DurationsRow>): DurationsRow => ({
      ...{ disease_code: 'J45', disease: null, name: 'Asthma', days: 1, episodes: 1, patients: 1 },
      ...{ open_excluded: 0, records: 1 },
      ...fields,
    });

    it('REP-2: ranks by the exact average, also where it is shown alike; then by code, names without a code last', () => {
      const { rows } = trendRows([
        bar({ disease_code: 'A1', days: 0, episodes: 59 }),
        bar({ disease_code: 'A1', days: 1, episodes: 1 }),
        bar({ disease_code: 'Z9', days: 0, episodes: 44 }),
        bar({ disease_code: 'Z9', days: 1, episodes: 1 }),
        bar({ disease_code: null, disease: 'Ache', name: 'Ache', days: 2 }),
        bar({ disease_code: 'C2', days: 2 }),
        bar({ disease_code: 'C1', days: 2 }),
      ]);
      expect(rows.map((row) => [row.disease_code, row.average_days])).to.deep.equal([
        ['C1', 2],
        ['C2', 2],
        [null, 2],
        ['Z9', 0.02],
        ['A1', 0.02],
      ]);
    });

    it('REP-2: a disease with open treatments only has no row, and is told in the receipt', () => {
      const { rows, receipt } = trendRows([
        bar({ name: 'Asthma' }),
        bar({ name: 'Asma', days: null, episodes: 0, patients: 0, open_excluded: 2 }),
        bar({ disease_code: 'E11', days: null, episodes: 0, patients: 0, open_excluded: 3 }),
      ]);
      expect(rows).to.have.length(1);
      expect(rows[0]).to.include({ disease: 'Asma', open_excluded: 2, episodes: 1 });
      expect(receipt).to.deep.equal({ episodes: 1, open_excluded: 5, diseases_without_an_end: 1 });
      expect(trendRows([])).to.deep.equal({
        rows: [],
        receipt: { episodes: 0, open_excluded: 0, diseases_without_an_end: 0 },
      });
    });
  });

  describe('monthRows', () => {
    it('REP-3: rates are rounded half up to four decimals, and missing when there is nothing to divide by', () => {
      const count = (status: 'completed' | 'cancelled', appointments: number) => ({
        month: '2025-01',
        status,
        appointments,
      });
      const [row] = monthRows([count('completed', 19_999), count('cancelled', 1)], ['2025-01']);
      expect(row).to.include({ cancellation_rate: 0.0001, no_show_rate: 0 });
      expect(monthRows([], ['2025-01'])[0]).to.include({
        total: 0,
        cancellation_rate: null,
        no_show_rate: null,
      });
    });
  });

  describe('costRows', () => {
    const prescribed = (patient_id: string, prescriptions: number, cost: string) => ({
      ...{ disease_code: 'J45', disease: 'Asthma', prescriptions, patient_ids: [patient_id] },
      cost: Decimal128.fromString(cost),
    });
    const billed = (disease_code: string | null, billed_rows: number, billed_total: string) => ({
      ...{ disease_code, disease: 'Ache', patient_ids: ['P1'] },
      ...{ billed_rows, billed_total },
    });
    const nothing = { without_disease: '0', filtered_out: '0' };

    it('REP-4: sums and averages to the cent, half up', () => {
      const { rows } = costRows([prescribed('P1', 1, '0.01'), prescribed('P2', 1, '0.02')], [], nothing, '0');
      expect(rows[0]).to.include({
        patients: 2,
        total_prescription_cost: '0.03',
        average_prescription_cost: '0.02',
      });
    });

    it('REP-4: ranks by the exact average; a disease without bills comes last', () => {
      const bills = [
        billed('B1', 3, '1.00'),
        billed('A1', 300, '100.10'),
        billed(null, 3, '1.00'),
        billed('A2', 3, '1.00'),
      ];
      const { rows } = costRows([prescribed('P1', 1, '99.00')], bills, nothing, '103.10');
      const order = rows.map((row) => [row.disease_code, row.average_billed]);
      expect(order).to.deep.equal([
        ['A1', '0.33'],
        ['A2', '0.33'],
        ['B1', '0.33'],
        [null, '0.33'],
        ['J45', null],
      ]);
    });

    it('REP-4: a receipt that does not add up says so', () => {
      const receiptOf = (total: string) =>
        costRows([], [billed('A1', 1, '1.00')], nothing, total).receipt.billed;
      expect(receiptOf('1.00').balanced).to.equal(true);
      expect(receiptOf('1.01').balanced).to.equal(false);
    });
  });
});
