import { expect } from 'chai';
import { startApi, type TestApi } from '../../support/api.js';
import { expectProblem } from '../../support/people.js';

describe('the end of a day', () => {
  let api: TestApi;
  let admin: string;
  before(async () => {
    api = await startApi();
    api.clock.set(new Date('2027-03-10T08:00:00Z'));
    admin = await api.as('admin');
  });
  after(() => api.stop());

  const at = (time: string): string => new Date(time).toISOString();
  const book = async (doctor_id: string, date: string) =>
    api.post('/appointments', {
      token: admin,
      body: { doctor_id, date, patient_id: (await api.make.patient()).patient_id },
    });

  it('BOOK-10: the last slot before midnight is offered and booked, in a department that is always open', async () => {
    const hours = { operating_start_hour: '00:00', operating_end_hour: '24:00' };
    const { department_id } = await api.make.department(hours);
    const availability = [4, 5].map((weekday) => ({
      weekday,
      start: weekday === 4 ? '20:00' : '00:00',
      end: weekday === 4 ? '24:00' : '02:00',
    }));
    const { doctor_id } = await api.make.doctor({ department_id, availability, slot_minutes: 60 });
    const listed = await api.get(`/doctors/${doctor_id}/slots?from=2027-03-11&to=2027-03-13`);
    expect(listed.body.items.map(({ start }: { start: string }) => start)).to.deep.equal(
      ['11T20', '11T21', '11T22', '11T23', '12T00', '12T01'].map((time) => at(`2027-03-${time}:00Z`)),
    );
    const last = await book(doctor_id, '2027-03-11T23:00:00Z');
    expect([last.status, last.body.slot_end]).to.deep.equal([201, at('2027-03-12T00:00Z')]);
    expect((await book(doctor_id, '2027-03-12T00:00:00Z')).status).to.equal(201);
    const same = { operating_start_hour: '08:00', operating_end_hour: '08:00' };
    for (const wrong of [same, { operating_start_hour: '24:00' }, { operating_end_hour: '24:01' }])
      expectProblem(
        await api.patch(`/departments/${department_id}`, { token: admin, body: wrong }),
        400,
        'invalid_request',
      );
  });
});
