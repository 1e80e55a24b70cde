import { expect } from 'chai';
import { topDoctors, type TopDoctorsParams, type TopDoctorsRow } from '../../aggregations/top-doctors.js';
import { appointment, at, openScratch, type Scratch } from './records.js';

const asked: TopDoctorsParams = { from: null, to: null, by: 'patients', status: 'completed', limit: 10 };

describe('aggregation top-doctors', () => {
  let scratch: Scratch;
  before(async () => void (scratch = await openScratch()));
  after(() => scratch.close());

  /** `figures` of doctors: a text such as `P1 P1 P2` is one completed appointment each. */
  async function rank(figures: Record<string, string>, params: Partial<TopDoctorsParams> = {}) {
    const visits = Object.entries(figures).flatMap(([doctor_id, patients]) =>
      patients.split(' ').map((patient_id) => appointment({ doctor_id, patient_id })),
    );
    await scratch.fill({ appointments: visits });
    const rows = await scratch.run<TopDoctorsRow>(topDoctors({ ...asked, ...params }));
    return rows.map((row) => `${row.doctor_id} ${row.patients} ${row.appointments}`);
  }

  it('REP-1: ranks by distinct patients, then appointments, then doctor_id', async () => {
    const figures = { D4: 'P1 P2', D3: 'P1 P2', D2: 'P1 P2 P2', D1: 'P1 P1 P1 P1' };
    expect(await rank(figures)).to.deep.equal(['D2 2 3', 'D3 2 2', 'D4 2 2', 'D1 1 4']);
  });

  it('REP-1: ranks by appointments, then distinct patients, then doctor_id', async () => {
    const figures = { D3: 'P1 P1', D2: 'P1 P2', D1: 'P1', D0: 'P3' };
    expect(await rank(figures, { by: 'appointments' })).to.deep.equal([
      'D2 2 2',
      'D3 1 2',
      'D0 1 1',
      'D1 1 1',
    ]);
  });

  it('REP-1: cuts after ranking, and counts all that it read', async () => {
    await rank({ D1: 'P1', D2: 'P1 P2', D3: 'P3' });
    const rows = await scratch.run<TopDoctorsRow>(topDoctors({ ...asked, limit: 1 }));
    expect(rows.map(({ doctor_id, doctors, rows_read }) => [doctor_id, doctors, rows_read])).to.deep.equal([
      ['D2', 3, 4],
    ]);
  });

  it('REP-1: counts one status inside a half-open period at the places asked for', async () => {
    const places = { hospital_id: 'H2', department_id: 'DEP2' };
    await scratch.fill({
      appointments: [
        appointment({ ...places, date: at('2025-01-01') }),
        appointment({ ...places, date: at('2025-12-31T23:59:59.999Z') }),
        appointment({ ...places, date: at('2026-01-01') }),
        appointment({ ...places, date: at('2024-12-31T23:59:59.999Z') }),
        appointment({ ...places, status: 'cancelled' }),
        appointment({ ...places, hospital_id: 'H1' }),
        appointment({ ...places, department_id: 'DEP1' }),
        appointment({ ...places, doctor_id: 'D2' }),
      ],
    });
    const period = { from: at('2025-01-01'), to: at('2026-01-01') };
    const scope = { hospital_ids: ['H2', 'H3'], department_ids: ['DEP2'], doctor_ids: ['D1'] };
    const rows = await scratch.run<TopDoctorsRow>(topDoctors({ ...asked, ...period, ...scope }));
    expect(rows).to.have.length(1);
    expect(rows[0]).to.include({ doctor_id: 'D1', patients: 1, appointments: 2 });
  });

  it('REP-1: names the doctor, and leaves the name out when the record is gone', async () => {
    const doctor = { _id: 'D1', name: 'Ada', specialty: 'Cardiology', department_id: 'DEP9' };
    await scratch.fill({
      appointments: [appointment(), appointment({ doctor_id: 'D2' })],
      doctors: [doctor],
    });
    const rows = await scratch.run<TopDoctorsRow>(topDoctors(asked));
    const figures = { patients: 1, appointments: 1, doctors: 2, rows_read: 2 };
    expect(rows).to.deep.equal([
      { doctor_id: 'D1', name: 'Ada', specialty: 'Cardiology', department_id: 'DEP9', ...figures },
      { doctor_id: 'D2', name: null, specialty: null, department_id: null, ...figures },
    ]);
  });

  it('REP-1: answers nothing for a period without appointments, and for no hospitals', async () => {
    await scratch.fill({ appointments: [appointment()] });
    const empty = { from: at('1999-01-01'), to: at('1999-01-01') };
    expect(await scratch.run(topDoctors({ ...asked, ...empty }))).to.deep.equal([]);
    expect(await scratch.run(topDoctors({ ...asked, hospital_ids: [] }))).to.deep.equal([]);
  });
});
