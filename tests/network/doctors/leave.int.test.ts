import { expect } from 'chai';
import { startApi, type TestApi } from '../../support/api.js';
import { expectProblem } from '../../support/people.js';

describe('leave over visits', () => {
  let api: TestApi;
  let admin: string;
  before(async () => {
    api = await startApi();
    api.clock.set(new Date('2027-03-10T08:00:00Z'));
    admin = await api.as('admin');
  });
  after(() => api.stop());

  const book = async (doctor_id: string, date: string) => {
    const { patient_id } = await api.make.patient();
    return api.post('/appointments', { token: admin, body: { doctor_id, date, patient_id } });
  };
  const leave = (doctor_id: string, leave_days: string[], query = '', method: 'patch' | 'put' = 'patch') =>
    api[method](`/doctors/${doctor_id}${query}`, {
      token: admin,
      body: { leave_days, ...(method === 'put' ? { name: 'Dr Away', specialty: 'Urology' } : {}) },
    });
  const daysOf = async (doctor_id: string): Promise<string[]> =>
    (await api.get(`/doctors/${doctor_id}/record`, { token: admin })).body.leave_days;

  it('BOOK-10: lists the visits and changes nothing, until one says that they stay; by PUT as by PATCH', async () => {
    const { doctor_id } = await api.make.doctor();
    const dates = ['2027-03-12T10:00:00.000Z', '2027-03-12T11:00:00.000Z', '2027-03-16T10:00:00.000Z'];
    const visits: string[] = [];
    for (const date of dates) visits.push((await book(doctor_id, date)).body.appointment_id);
    const named = [0, 1].map((n) => ({ appointment_id: visits[n], date: dates[n] }));
    for (const method of ['patch', 'put'] as const) {
      const refused = await leave(doctor_id, ['2027-03-11', '2027-03-12'], '', method);
      expectProblem(refused, 409, 'leave_has_visits');
      expect(refused.body.visits).to.deep.equal(named);
      expect(await daysOf(doctor_id)).to.deep.equal([]);
    }
    expect((await leave(doctor_id, ['2027-03-11'])).status).to.equal(200);
    expect((await leave(doctor_id, ['2027-03-12'], '?keep_visits=true')).status).to.equal(200);
    expect(await daysOf(doctor_id)).to.deep.equal(['2027-03-12']);
    // What was said once is not asked again; a new day is.
    expect((await leave(doctor_id, ['2027-03-12', '2027-03-13'])).status).to.equal(200);
    expectProblem(await leave(doctor_id, ['2027-03-12', '2027-03-16']), 409, 'leave_has_visits');
    const cancelled = { status: 'cancelled', cancellation_reason: 'prov' };
    await api.patch(`/appointments/${visits[2]}`, { token: admin, body: cancelled });
    expect((await leave(doctor_id, ['2027-03-12', '2027-03-16'])).status).to.equal(200);
    expect((await api.get(`/appointments/${visits[0]}`, { token: admin })).body.status).to.equal('scheduled');
  });

  it('BOOK-10, NET-1: a day of leave is one of the hospital', async () => {
    const { hospital_id } = await api.make.hospital({ time_zone: 'Pacific/Auckland' });
    const { department_id } = await api.make.department({ hospital_id });
    const { doctor_id } = await api.make.doctor({ department_id });
    // 10:00 on the 12th in Auckland.
    expect((await book(doctor_id, '2027-03-11T21:00:00Z')).status).to.equal(201);
    expect((await leave(doctor_id, ['2027-03-11'])).status).to.equal(200);
    expectProblem(await leave(doctor_id, ['2027-03-12']), 409, 'leave_has_visits');
  });

  it('BOOK-10: of a booking and a leave at the same moment one is told of the other', async () => {
    for (let n = 0; n < 8; n += 1) {
      const { doctor_id } = await api.make.doctor();
      const [booked, left] = await Promise.all([
        book(doctor_id, '2027-03-12T10:00:00Z'),
        leave(doctor_id, ['2027-03-12']),
      ]);
      expect([201, 422], JSON.stringify(booked.body)).to.include(booked.status);
      expect(left.status, JSON.stringify(left.body)).to.equal(booked.status === 201 ? 409 : 200);
    }
  });
});
