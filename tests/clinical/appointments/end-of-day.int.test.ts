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

  it('BOOK-10: a night’s duty goes on past midnight: its slots are listed, found and booked', async () => {
    const hours = { operating_start_hour: '20:00', operating_end_hour: '08:00' };
    const { department_id } = await api.make.department(hours);
    const night = { weekday: 4, start: '20:00', end: '08:00' };
    const { doctor_id } = await api.make.doctor({ department_id, availability: [night], slot_minutes: 90 });
    const listed = await api.get(`/doctors/${doctor_id}/slots?from=2027-03-11&to=2027-03-14`);
    expect(listed.body.items.map(({ start }: { start: string }) => start)).to.deep.equal(
      ['11T20:00', '11T21:30', '11T23:00', '12T00:30', '12T02:00', '12T03:30', '12T05:00', '12T06:30'].map(
        (time) => at(`2027-03-${time}Z`),
      ),
    );
    for (const time of ['11T23:00', '12T06:30'])
      expect((await book(doctor_id, `2027-03-${time}:00Z`)).status, time).to.equal(201);
    for (const [time, code] of [
      ['11T06:30', 'outside_availability'],
      ['12T08:00', 'outside_availability'],
      ['12T01:00', 'off_slot_grid'],
    ] as const)
      expectProblem(await book(doctor_id, `2027-03-${time}:00Z`), 422, code);
    const onDuty = async (time: string) =>
      (await api.get(`/doctors?department_id=${department_id}&available_at=2027-03-${time}:00Z`)).body.items
        .length;
    expect([await onDuty('11T19:59'), await onDuty('11T20:00'), await onDuty('12T07:59')]).to.deep.equal([
      0, 1, 1,
    ]);
    expect(await onDuty('12T08:00')).to.equal(0);
    const twice = [night, { weekday: 5, start: '07:30', end: '12:00' }];
    const wrong = await api.patch(`/doctors/${doctor_id}`, { token: admin, body: { availability: twice } });
    expectProblem(wrong, 400, 'invalid_request');
    expect(wrong.body.errors).to.deep.equal([
      { pointer: '/body/availability/1', message: 'overlaps window 0' },
    ]);
  });
});
