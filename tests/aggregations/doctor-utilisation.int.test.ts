import { expect } from 'chai';
import type { Document } from 'mongodb';
import { doctorUtilisation, type DoctorUtilisationRow } from '../../aggregations/doctor-utilisation.js';
import type { Scope } from '../../aggregations/stages/filters.js';
import { utilisation } from '../../src/domains/reports/definitions/doctor-utilisation/doctor-utilisation.report.js';
import { appointment, at, openScratch, type Scratch } from './records.js';

const mondays = [{ weekday: 1, start: '09:00', end: '12:00' }];
const doctor = (_id: string, fields: Document = {}): Document => ({
  ...{ _id, name: `Doctor ${_id}`, department_id: 'DEP1', hospital_id: 'H1', availability: mondays },
  ...{ leave_days: [], registration_expiry: at('2030-01-01'), slot_minutes: 20, slot_capacity: 1 },
  ...fields,
});

describe('aggregation doctor-utilisation', () => {
  let scratch: Scratch;
  before(async () => {
    scratch = await openScratch();
    await scratch.db.collection<Document>('hospitals').insertMany([
      { _id: 'H1', time_zone: 'America/New_York' },
      { _id: 'H2', time_zone: 'UTC' },
    ] as never);
    const open = { operating_start_hour: '08:00', operating_end_hour: '17:00' };
    await scratch.db.collection<Document>('departments').insertMany([
      { _id: 'DEP1', hospital_id: 'H1', ...open },
      { _id: 'DEP2', hospital_id: 'H2', ...open, operating_end_hour: '10:00' },
    ] as never);
  });
  after(() => scratch.close());

  const booked = (date: string, minutes: number | null, fields: Document = {}): Document =>
    appointment({
      date: at(date),
      slot_end: minutes === null ? null : new Date(at(date).getTime() + minutes * 60_000),
      ...fields,
    });

  /** `doctor appointments booked/available utilisation`, of March 2025 in UTC. */
  async function asked(scope: Scope = {}, period = { from: at('2025-03-01'), to: at('2025-04-01') }) {
    const rows = await scratch.run<DoctorUtilisationRow>(doctorUtilisation({ ...period, ...scope }));
    return utilisation(rows, { period, scope }).rows.map(
      (row) =>
        `${row.doctor_id} ${row.appointments} ${row.booked_minutes}/${row.available_minutes} ${row.utilisation}`,
    );
  }

  it('REP-5: what is not cancelled takes its slot, or one of the doctor’s; idle doctors are there', async () => {
    await scratch.fill({
      doctors: [
        doctor('D1'),
        doctor('D2', { slot_capacity: 2 }),
        doctor('D3', { availability: [] }),
        doctor('D4'),
      ],
      appointments: [
        ...['scheduled', 'checked_in', 'completed', 'no_show', 'cancelled'].map((status) =>
          booked('2025-03-03T15:00:00Z', 30, { status }),
        ),
        booked('2025-03-10T15:00:00Z', null),
        booked('2025-04-01T00:00:00Z', 30),
        booked('2025-03-03T15:00:00Z', 45, { doctor_id: 'D2' }),
        booked('2025-03-03T15:00:00Z', 10, { doctor_id: 'D3' }),
      ],
    });
    // Five Mondays of three hours; the clocks change on a Sunday.
    expect(await asked()).to.deep.equal([
      'D1 5 140/900 0.1556',
      'D2 1 45/1800 0.025',
      'D4 0 0/900 0',
      'D3 1 10/0 null',
    ]);
  });

  it('REP-5: leave, the hours of the department and the zone of the hospital count', async () => {
    const inUtc = { department_id: 'DEP2', hospital_id: 'H2' };
    await scratch.fill({
      doctors: [
        doctor('D1', { leave_days: [at('2025-03-31')] }),
        doctor('D2', inUtc),
        doctor('D3', { registration_expiry: at('2025-03-10') }),
      ],
    });
    expect(await asked()).to.deep.equal(['D1 0 0/720 0', 'D2 0 0/300 0', 'D3 0 0/360 0']);
    // 31 March, 09:00 in New York is 13:00 UTC.
    const morning = { from: at('2025-03-10T00:00:00Z'), to: at('2025-03-10T14:00:00Z') };
    expect(await asked({}, morning)).to.deep.equal(['D1 0 0/60 0', 'D2 0 0/60 0', 'D3 0 0/60 0']);
  });

  it('REP-5: ranks by the exact share, then by doctor_id; doctors without available time come last', async () => {
    const at9 = (doctor_id: string, minutes: number) =>
      booked('2025-03-03T15:00:00Z', minutes, { doctor_id });
    await scratch.fill({
      doctors: [doctor('D1'), doctor('D2'), doctor('D3', { slot_capacity: 50 }), doctor('D4')],
      appointments: [at9('D4', 90), at9('D1', 90), at9('D2', 1000), at9('D3', 4501), at9('D0', 30)],
    });
    expect(await asked()).to.deep.equal([
      'D2 1 1000/900 1.1111',
      'D3 1 4501/45000 0.1',
      'D1 1 90/900 0.1',
      'D4 1 90/900 0.1',
      'D0 1 30/null null',
    ]);
  });

  it('REP-5: at a place, who worked there then and not now has appointments and no available time', async () => {
    const elsewhere = { department_id: 'DEP2', hospital_id: 'H2' };
    await scratch.fill({
      doctors: [doctor('D1'), doctor('D2', elsewhere), doctor('D3', elsewhere)],
      appointments: [
        booked('2025-03-03T15:00:00Z', null, { doctor_id: 'D2' }),
        booked('2025-03-03T15:00:00Z', null, { doctor_id: 'D9' }),
        booked('2025-03-03T15:00:00Z', 60, { doctor_id: 'D3', ...elsewhere }),
      ],
    });
    expect(await asked({ department_ids: ['DEP1'] })).to.deep.equal([
      'D1 0 0/900 0',
      'D2 1 20/null null',
      'D9 1 0/null null',
    ]);
    expect(await asked({ hospital_ids: ['H2'] })).to.deep.equal(['D3 1 60/300 0.2', 'D2 0 0/300 0']);
    expect(await asked({ doctor_ids: ['D3'] })).to.deep.equal(['D3 1 60/300 0.2']);
    expect(await asked({ hospital_ids: [] })).to.deep.equal([]);
  });
});
