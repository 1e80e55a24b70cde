import { expect } from 'chai';
import {
  diseaseTrends,
  type DiseaseTrendsParams,
  type DiseaseTrendsRow,
} from '../../aggregations/disease-trends.js';
import { appointment, at, openScratch, patient, prescription, type Scratch } from './records.js';

const asked = { from: null, to: null, gapDays: 90, timeZone: 'UTC' } as const;

describe('aggregation disease-trends', () => {
  let scratch: Scratch;
  before(async () => void (scratch = await openScratch()));
  after(() => scratch.close());

  /** A text for each disease: `J45 of 2 patients: 1×0 days, 2×2 days, 1 open`. In which bar a patient is counted is chance. */
  async function measured(params: Pick<DiseaseTrendsParams, 'basis'> & Partial<DiseaseTrendsParams>) {
    const rows = await scratch.run<DiseaseTrendsRow>(diseaseTrends({ ...asked, ...params }));
    const diseases = [...new Set(rows.map((row) => row.disease_code ?? row.disease))].sort();
    return diseases.map((name) => {
      const bars = rows.filter((row) => (row.disease_code ?? row.disease) === name);
      const sum = (field: 'patients' | 'open_excluded') => bars.reduce((total, bar) => total + bar[field], 0);
      const ended = bars.filter(({ days }) => days !== null).sort((one, other) => one.days! - other.days!);
      const text = ended.map(({ days, episodes }) => `${episodes}×${days}`).join(' ') || 'none';
      return `${name} of ${sum('patients')}: ${text}, open ${sum('open_excluded')}`;
    });
  }
  const prescribe = (...spells: (readonly [start: string, end: string | null])[]) =>
    scratch.fill({
      prescriptions: spells.map(([start, end]) =>
        prescription({ start_date: at(start), end_date: end && at(end) }),
      ),
    });

  describe('REP-2: basis=diagnoses', () => {
    it('REP-2: a diagnosis is its whole days; open ones are counted apart', async () => {
      await scratch.fill({
        patients: [
          patient(
            'P1',
            { start_date: at('2024-02-28'), end_date: at('2024-03-01') },
            { start_date: at('2025-01-01'), end_date: at('2025-01-01') },
            { start_date: at('2025-05-01') },
          ),
          patient('P2', { start_date: at('2025-02-01'), end_date: at('2025-02-03') }),
          patient(
            'P3',
            { start_date: at('2025-05-01') },
            { disease: 'Gout', code: null, start_date: at('2025-05-01') },
          ),
          patient('P4'),
        ],
      });
      // The leap day counts.
      expect(await measured({ basis: 'diagnoses' })).to.deep.equal([
        'Gout of 0: none, open 1',
        'J45 of 2: 1×0 2×2, open 2',
      ]);
    });

    it('REP-2: the period is that of the start, half-open', async () => {
      const days = (start: string, end: string) => ({ start_date: at(start), end_date: at(end) });
      await scratch.fill({
        patients: [
          patient('P1', days('2024-12-31', '2025-01-01'), days('2025-01-01', '2025-01-03')),
          patient('P2', days('2025-12-31', '2026-01-03'), days('2026-01-01', '2026-01-05')),
        ],
      });
      const period = { from: at('2025-01-01'), to: at('2026-01-01') };
      expect(await measured({ basis: 'diagnoses', ...period })).to.deep.equal(['J45 of 2: 1×2 1×3, open 0']);
    });

    it('REP-2: one code is one disease, whatever its names; a name alone is another', async () => {
      const days = { start_date: at('2025-01-01'), end_date: at('2025-01-02') };
      await scratch.fill({
        patients: [
          patient('P1', { ...days, disease: 'Bronchial asthma' }, { ...days, disease: 'Asthma' }),
          patient('P2', { ...days, disease: 'Asthma', code: null }),
        ],
      });
      const rows = await scratch.run<DiseaseTrendsRow>(diseaseTrends({ ...asked, basis: 'diagnoses' }));
      expect(rows.find((row) => row.disease_code === 'J45')).to.include({
        name: 'Asthma',
        disease: null,
        episodes: 2,
        patients: 1,
      });
      expect(rows.find((row) => row.disease_code === null)).to.include({
        name: 'Asthma',
        disease: 'Asthma',
        episodes: 1,
      });
    });
  });

  describe('REP-2: basis=prescriptions', () => {
    const basis = 'prescriptions';

    it('REP-2: a gap of 90 days goes on, a gap of 91 days begins anew', async () => {
      await prescribe(['2025-01-01', '2025-01-11'], ['2025-04-11', '2025-04-12']);
      expect(await measured({ basis })).to.deep.equal(['J45 of 1: 1×101, open 0']);
      await prescribe(['2025-01-01', '2025-01-11'], ['2025-04-12', '2025-04-13']);
      expect(await measured({ basis })).to.deep.equal(['J45 of 1: 1×1 1×10, open 0']);
    });

    it('REP-2: the gap is measured from the latest day so far, not from the last record', async () => {
      await prescribe(
        ['2025-01-01', '2025-06-01'],
        ['2025-01-10', '2025-01-12'],
        ['2025-08-30', '2025-08-31'],
      );
      expect(await measured({ basis })).to.deep.equal(['J45 of 1: 1×242, open 0']);
    });

    it('REP-2: records of one day begin one episode', async () => {
      await prescribe(
        ['2025-06-01', '2025-06-02'],
        ['2025-01-01', '2025-01-02'],
        ['2025-06-01', '2025-06-05'],
      );
      expect(await measured({ basis })).to.deep.equal(['J45 of 1: 1×1 1×4, open 0']);
    });

    it('REP-2: an episode with a record that has not ended is open, and nothing begins after it', async () => {
      await prescribe(
        ['2024-01-01', '2024-01-08'],
        ['2025-01-01', null],
        ['2025-01-02', '2025-01-03'],
        ['2025-12-01', '2025-12-02'],
      );
      expect(await measured({ basis })).to.deep.equal(['J45 of 1: 1×7, open 1']);
    });

    it('REP-2: patients and diseases have episodes of their own; no start date, no episode', async () => {
      const days = { start_date: at('2025-01-01'), end_date: at('2025-01-05') };
      await scratch.fill({
        prescriptions: [
          prescription(days),
          prescription({ ...days, patient_id: 'P2' }),
          prescription({ ...days, disease: 'Gout', disease_code: null }),
          prescription({ ...days, disease: null, disease_code: null }),
          prescription({ ...days, start_date: null }),
        ],
      });
      expect(await measured({ basis })).to.deep.equal(['Gout of 1: 1×4, open 0', 'J45 of 2: 2×4, open 0']);
    });

    it('REP-2: another gap may be asked for, and a doctor', async () => {
      await prescribe(['2025-01-01', '2025-01-02'], ['2025-01-09', '2025-01-10']);
      expect(await measured({ basis, gapDays: 7 })).to.deep.equal(['J45 of 1: 1×9, open 0']);
      expect(await measured({ basis, gapDays: 6 })).to.deep.equal(['J45 of 1: 2×1, open 0']);
      expect(await measured({ basis, doctor_ids: ['D2'] })).to.deep.equal([]);
    });
  });

  describe('REP-2: basis=appointments', () => {
    const basis = 'appointments';
    const visit = (date: string, ended_at: string | null, fields = {}) =>
      appointment({ disease_code: 'J45', date: at(date), ended_at: ended_at && at(ended_at), ...fields });

    it('REP-2: only what took place counts, from the first day to the last', async () => {
      await scratch.fill({
        appointments: [
          visit('2025-01-01T23:00:00Z', '2025-01-02T01:00:00Z'),
          visit('2025-01-20T08:00:00Z', null),
          visit('2025-02-20T08:00:00Z', null, { status: 'no_show' }),
        ],
      });
      expect(await measured({ basis })).to.deep.equal(['J45 of 1: 1×19, open 0']);
    });

    it('REP-2: days are those of the zone', async () => {
      await scratch.fill({ appointments: [visit('2025-01-01T23:00:00Z', '2025-01-02T01:00:00Z')] });
      expect(await measured({ basis })).to.deep.equal(['J45 of 1: 1×1, open 0']);
      expect(await measured({ basis, timeZone: 'America/New_York' })).to.deep.equal([
        'J45 of 1: 1×0, open 0',
      ]);
    });
  });
});
