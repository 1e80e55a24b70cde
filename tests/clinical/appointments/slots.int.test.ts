import { expect } from 'chai';
import { startApi, type Answer, type TestApi } from '../../support/api.js';
import { expectProblem, newPatient } from '../../support/people.js';
import { stored } from '../../support/stored.js';

/* A Wednesday. New York's clocks go forward on Sunday the 14th, Sydney's go back on 4 April. */
const now = new Date('2027-03-10T08:00:00.000Z');
const at = (time: string): string => new Date(time).toISOString();

describe('the slots of a doctor', () => {
  let api: TestApi;
  let admin: string;
  let patient: { patient_id: string; token: string };

  before(async () => {
    api = await startApi();
    api.clock.set(now);
    admin = await api.as('admin');
  });
  // Nobody is in two places at once: each test has a patient of its own.
  beforeEach(async () => {
    patient = await newPatient(api);
  });
  after(() => api.stop());
  afterEach(() => api.clock.set(now));

  const book = (doctor_id: string, date: string, more: object = {}, token = patient.token) =>
    api.post('/appointments', { token, body: { doctor_id, date, ...more } });
  const bookForAnother = async (doctor_id: string, date: string, more: object = {}) =>
    book(doctor_id, date, { patient_id: (await api.make.patient()).patient_id, ...more }, admin);
  const starts = ({ body }: Answer): string[] => body.items.map(({ start }: { start: string }) => start);
  const nearest = ({ body }: Answer): string[] =>
    body.nearest_slots.map(({ start }: { start: string }) => start);

  describe('GET /doctors/{doctor_id}/slots', () => {
    const slots = (doctor_id: string, query = '') => api.get(`/doctors/${doctor_id}/slots${query}`);

    it('DOC-3: gives what is free, to anybody: bookings and live holds are taken out, the past and leave too', async () => {
      const { doctor_id } = await api.make.doctor({ slot_minutes: 60, leave_days: ['2027-03-11'] });
      await book(doctor_id, '2027-03-10T10:00:00Z');
      await api.post('/holds', { token: patient.token, body: { doctor_id, date: '2027-03-10T12:00:00Z' } });
      const { status, body } = await slots(doctor_id, '?from=2027-03-10&to=2027-03-12T10:00:00Z');
      expect(status).to.equal(200);
      const hours = ['T09', 'T11', 'T13', 'T14', 'T15', 'T16', 'T17'].map((hour) => `2027-03-10${hour}`);
      expect(body).to.deep.equal({
        doctor_id,
        time_zone: 'UTC',
        items: [...hours, '2027-03-12T08', '2027-03-12T09'].map((hour) => ({
          start: at(`${hour}:00Z`),
          end: at(`${hour.slice(0, 11)}${String(Number(hour.slice(11)) + 1).padStart(2, '0')}:00Z`),
          free: 1,
        })),
      });
      api.clock.set(new Date('2027-03-10T08:05:00Z'));
      expect(starts(await slots(doctor_id, '?to=2027-03-11'))).to.include(at('2027-03-10T12:00Z'));
    });

    it('DOC-3: says how many places a slot still has', async () => {
      const { doctor_id } = await api.make.doctor({ slot_minutes: 60, slot_capacity: 3 });
      const free = async () =>
        (await slots(doctor_id, '?from=2027-03-11&to=2027-03-11T09:00:00Z')).body.items;
      for (const left of [3, 2, 1]) {
        expect(await free()).to.deep.equal([
          { start: at('2027-03-11T08:00Z'), end: at('2027-03-11T09:00Z'), free: left },
        ]);
        await bookForAnother(doctor_id, '2027-03-11T08:00:00Z');
      }
      expect(await free()).to.deep.equal([]);
    });

    it('DOC-3: without a period the next seven days, and never beyond what can be booked', async () => {
      const { doctor_id } = await api.make.doctor({ slot_minutes: 120 });
      const week = starts(await slots(doctor_id));
      expect([week[0], week.at(-1)]).to.deep.equal([at('2027-03-10T10:00Z'), at('2027-03-16T16:00Z')]);
      const month = starts(await slots(doctor_id, '?from=2027-03-20&to=2027-04-20'));
      expect(month.at(-1)).to.equal(at('2027-04-09T08:00Z'));
      expect(starts(await slots(doctor_id, '?from=2027-03-01&to=2027-03-10'))).to.deep.equal([]);
    });

    it('DOC-3: of a doctor who takes nobody it gives none, and does not say why', async () => {
      const expired = await api.make.doctor({ registration_expiry: '2027-03-01' });
      const closed = await api.make.doctor({ accepting: false });
      for (const { doctor_id } of [expired, closed]) {
        const { status, body } = await slots(doctor_id);
        expect(status).to.equal(200);
        expect(body).to.deep.equal({ doctor_id, time_zone: 'UTC', items: [] });
      }
    });

    for (const query of [
      '?to=2027-03-10',
      '?from=2027-03-12&to=2027-03-11',
      '?from=2027-03-10&to=2027-04-10T00:00:01Z',
      '?from=2027-02-31',
      '?from=yesterday',
      '?day=2027-03-10',
    ]) {
      it(`DOC-3: refuses ${query} with 400`, async () => {
        const { doctor_id } = await api.make.doctor();
        expectProblem(await slots(doctor_id, query), 400, 'invalid_request');
      });
    }

    it('DOC-3: an unknown doctor is a 404', async () => {
      expectProblem(await slots('D-none'), 404, 'not_found');
    });
  });

  describe('a time that cannot be taken', () => {
    const windows = (start: string, end: string) =>
      [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, start, end }));
    const refusals: [code: string, doctor: Record<string, unknown>, date: string, nearest: string[]][] = [
      ['off_slot_grid', {}, '2027-03-11T10:07:00Z', ['2027-03-11T10:00Z', '2027-03-11T10:15Z']],
      ['off_slot_grid', {}, '2027-03-11T10:00:00.001Z', ['2027-03-11T10:00Z', '2027-03-11T10:15Z']],
      ['outside_availability', {}, '2027-03-11T18:00:00Z', ['2027-03-11T17:45Z', '2027-03-11T17:30Z']],
      [
        'department_closed',
        { availability: windows('06:00', '20:00') },
        '2027-03-11T07:00:00Z',
        ['2027-03-11T08:00Z', '2027-03-11T08:15Z'],
      ],
      [
        'doctor_on_leave',
        { leave_days: ['2027-03-11'] },
        '2027-03-11T10:00:00Z',
        ['2027-03-10T17:45Z', '2027-03-10T17:30Z'],
      ],
      [
        'doctor_registration_expired',
        { registration_expiry: '2027-03-10' },
        '2027-03-11T10:00:00Z',
        ['2027-03-10T17:45Z', '2027-03-10T17:30Z'],
      ],
      ['doctor_not_accepting', { accepting: false }, '2027-03-11T10:00:00Z', []],
    ];
    for (const [code, fields, date, expected] of refusals) {
      it(`BOOK-2: ${date} is refused with ${code}, and the nearest free slots`, async () => {
        const { doctor_id } = await api.make.doctor(fields);
        const before = await stored(api);
        const answers = [
          await book(doctor_id, date),
          await api.post(`/bookings/${doctor_id}`, {
            token: patient.token,
            body: { booking_date_time: date },
          }),
          await api.post('/holds', { token: patient.token, body: { doctor_id, date } }),
        ];
        for (const answer of answers) {
          expectProblem(answer, 422, code);
          expect(nearest(answer).slice(0, 2)).to.deep.equal(expected.map(at));
          expect(answer.body.nearest_slots).to.have.length(expected.length === 0 ? 0 : 5);
        }
        expect(await stored(api)).to.equal(before);
      });
    }

    it('BOOK-4: a slot that is taken is a 409 with the nearest free slots, in any way to write its time', async () => {
      const { doctor_id } = await api.make.doctor();
      expect((await book(doctor_id, '2027-03-11T10:00:00Z')).status).to.equal(201);
      const before = await stored(api);
      for (const date of ['2027-03-11T10:00:00Z', '2027-03-11T15:30:00+05:30', '11/03/2027 10:00:00']) {
        const answer = await book(doctor_id, date, { patient_id: patient.patient_id }, admin);
        expectProblem(answer, 409, 'slot_taken');
        expect(answer.body.nearest_slots[0]).to.deep.equal({
          start: at('2027-03-11T09:45Z'),
          end: at('2027-03-11T10:00Z'),
          free: 1,
        });
        expect(nearest(answer)).to.deep.equal(
          ['09:45', '10:15', '09:30', '10:30', '09:15'].map((time) => at(`2027-03-11T${time}Z`)),
        );
      }
      expect(await stored(api)).to.equal(before);
    });

    it('BOOK-2: the nearest free slots may be weeks away', async () => {
      const { doctor_id } = await api.make.doctor({ availability: [] });
      const none = await book(doctor_id, '2027-03-11T10:00:00Z');
      expectProblem(none, 422, 'outside_availability');
      expect(nearest(none)).to.deep.equal([]);
      const leave_days = Array.from({ length: 21 }, (_, n) => at(`2027-03-${11 + n}`).slice(0, 10));
      const away = await api.make.doctor({ slot_minutes: 240, leave_days });
      expect(nearest(await book(away.doctor_id, '2027-03-28T10:00:00Z'))).to.deep.equal(
        [
          '2027-04-01T08:00Z',
          '2027-04-01T12:00Z',
          '2027-04-02T08:00Z',
          '2027-04-02T12:00Z',
          '2027-04-03T08:00Z',
        ].map(at),
      );
    });

    it('BOOK-4: two slots never overlap, also when the doctor’s slots become longer', async () => {
      const { doctor_id, registration_number: _, ...doctor } = await api.make.doctor();
      expect((await book(doctor_id, '2027-03-11T10:15:00Z')).status).to.equal(201);
      const longer = await api.patch(`/doctors/${doctor_id}`, { token: admin, body: { slot_minutes: 60 } });
      expect([doctor.slot_minutes, longer.body.slot_minutes]).to.deep.equal([15, 60]);
      const answer = await book(doctor_id, '2027-03-11T10:00:00Z');
      expectProblem(answer, 409, 'slot_taken');
      expect(nearest(answer).slice(0, 2)).to.deep.equal(['2027-03-11T09:00Z', '2027-03-11T11:00Z'].map(at));
    });
  });

  describe('on days on which the clocks change', () => {
    async function doctorIn(time_zone: string): Promise<string> {
      const { hospital_id } = await api.make.hospital({ time_zone });
      const hours = { operating_start_hour: '00:00', operating_end_hour: '23:59' };
      const { department_id } = await api.make.department({ hospital_id, ...hours });
      const availability = [{ weekday: 7, start: '00:00', end: '05:00' }];
      return (await api.make.doctor({ department_id, availability, slot_minutes: 30 })).doctor_id;
    }

    it('BOOK-2: an hour that New York’s clocks skip cannot be booked, and the one after it can', async () => {
      const doctor_id = await doctorIn('America/New_York');
      const listed = await api.get(`/doctors/${doctor_id}/slots?from=2027-03-14&to=2027-03-15`);
      expect(listed.body.time_zone).to.equal('America/New_York');
      expect(starts(listed)).to.deep.equal(
        ['05:00', '05:30', '06:00', '06:30', '07:00', '07:30', '08:00', '08:30'].map((time) =>
          at(`2027-03-14T${time}Z`),
        ),
      );
      const before = await stored(api);
      const skipped = await book(doctor_id, '14/03/2027 02:30:00');
      expectProblem(skipped, 400, 'no_such_time');
      expect(skipped.body.errors[0].pointer).to.equal('/body/date');
      expect(await stored(api)).to.equal(before);
      const booked = await book(doctor_id, '14/03/2027 03:00:00');
      expect([booked.status, booked.body.date, booked.body.slot_end]).to.deep.equal([
        201,
        at('2027-03-14T07:00Z'),
        at('2027-03-14T07:30Z'),
      ]);
      expectProblem(await book(doctor_id, '2027-03-14T03:00:00-04:00'), 409, 'slot_taken');
    });

    it('BOOK-4: an hour that Sydney has twice is booked twice, once at each instant', async () => {
      const doctor_id = await doctorIn('Australia/Sydney');
      const listed = starts(await api.get(`/doctors/${doctor_id}/slots?from=2027-04-03&to=2027-04-04`));
      expect(listed).to.have.length(12);
      for (const [n, start] of listed.entries())
        expect(start).to.equal(new Date(Date.parse('2027-04-03T13:00Z') + n * 1_800_000).toISOString());
      const first = await book(doctor_id, '04/04/2027 02:30:00');
      expect([first.status, first.body.date]).to.deep.equal([201, at('2027-04-03T15:30Z')]);
      expectProblem(await book(doctor_id, '04/04/2027 02:30:00'), 409, 'slot_taken');
      const second = await book(doctor_id, '2027-04-04T02:30:00+10:00');
      expect([second.status, second.body.date]).to.deep.equal([201, at('2027-04-03T16:30Z')]);
    });

    it('BOOK-2: 31/02/2027 is no time, on both routes, for a hold and for a move', async () => {
      const { doctor_id } = await api.make.doctor();
      const { body: booked } = await book(doctor_id, '2027-03-11T10:00:00Z');
      const before = await stored(api);
      const date = '31/02/2027 10:00:00';
      const { token } = patient;
      const move = `/appointments/${booked.appointment_id}/reschedule`;
      for (const [path, body, pointer] of [
        ['/appointments', { doctor_id, date }, '/body/date'],
        [`/bookings/${doctor_id}`, { booking_date_time: date }, '/body/booking_date_time'],
        ['/holds', { doctor_id, date }, '/body/date'],
        [move, { date }, '/body/date'],
      ] as const) {
        const answer = await api.post(path, { token, body });
        expectProblem(answer, 400, 'no_such_time');
        expect(answer.body.errors[0].pointer).to.equal(pointer);
      }
      expect(await stored(api)).to.equal(before);
    });
  });

  describe('overbooking', () => {
    it('BOOK-9: an admin books beyond the capacity with a reason; within it no reason is kept', async () => {
      const { doctor_id } = await api.make.doctor();
      const date = '2027-03-11T10:00:00Z';
      const overbook = () => bookForAnother(doctor_id, date, { overbooking_reason: 'Urgent' });
      const first = await overbook();
      expect([first.status, first.body.overbooking_reason]).to.deep.equal([201, null]);
      for (let n = 0; n < 2; n++) {
        const beyond = await overbook();
        expect([beyond.status, beyond.body.overbooking_reason]).to.deep.equal([201, 'Urgent']);
      }
      // Anyone who was overbooked fills the slot: the one who cancels leaves no place for anybody new.
      await api.make.steps(first.body.appointment_id, 'cancelled');
      expectProblem(await book(doctor_id, date), 409, 'slot_taken');
    });

    it('BOOK-9: not a patient, not without a reason, not outside of the doctor’s hours', async () => {
      const { doctor_id } = await api.make.doctor();
      const { patient_id } = patient;
      const date = '2027-03-11T10:00:00Z';
      expect((await book(doctor_id, date)).status).to.equal(201);
      const before = await stored(api);
      const overbooking_reason = 'Urgent';
      expectProblem(await book(doctor_id, date, { overbooking_reason }), 403, 'forbidden');
      const short = { booking_date_time: date, overbooking_reason };
      expectProblem(
        await api.post(`/bookings/${doctor_id}`, { token: patient.token, body: short }),
        403,
        'forbidden',
      );
      expectProblem(
        await book(doctor_id, date, { patient_id, overbooking_reason: '' }, admin),
        400,
        'invalid_request',
      );
      expectProblem(await book(doctor_id, date, { patient_id }, admin), 409, 'slot_taken');
      const outside = await book(
        doctor_id,
        '2027-03-11T19:00:00Z',
        { patient_id, overbooking_reason },
        admin,
      );
      expectProblem(outside, 422, 'outside_availability');
      expect(await stored(api)).to.equal(before);
    });
  });
});
