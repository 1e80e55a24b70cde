import { expect } from 'chai';
import { DateTime } from 'luxon';
import { startApi, type Answer, type TestApi } from '../support/api.js';
import { timeHeader } from '../support/make.js';
import { expectProblem } from '../support/people.js';

/* The requests that the product's brief shows: a client that was written from it is served as it is. */

const zone = 'Asia/Kolkata';

describe('the requests of the brief', function () {
  this.timeout(120_000);
  let api: TestApi;
  let admin: string;
  let patient: string;
  let doctor: string;

  /** A day of the hospital's calendar, so many days ahead. */
  const dayAhead = (days: number): string =>
    DateTime.fromJSDate(api.clock.now(), { zone }).plus({ days }).toISODate()!;
  const timeOf = (date: string): string => DateTime.fromISO(date, { zone }).toFormat('yyyy-MM-dd HH:mm');
  const expectStatus = ({ status, body }: Answer, expected: number): void => {
    expect(status, JSON.stringify(body)).equal(expected);
  };

  before(async () => {
    // Some requests are of days ahead, on which the sessions of today must not be over.
    const year = '31536000';
    api = await startApi({ BOOKING_DAYS: '60', MAX_BOOKINGS: '100', REFRESH_TOKEN_SECONDS: year });
    admin = await api.as('admin');
    // While there is one hospital only.
    const { hospital_id } = await api.make.hospital({ name: 'The only one', time_zone: zone });
    const department = await api.make.department({ hospital_id });
    await api.make.doctor({ doctor_id: 'D456', department_id: department.department_id, slot_minutes: 120 });
    await api.make.patient({ patient_id: 'P123', name: 'Ali Reza', date_of_birth: '1978-03-04' });
    patient = (await api.make.account('patient', { patient_id: 'P123' })).token;
    doctor = (await api.make.account('doctor', { doctor_id: 'D456' })).token;
  });
  after(() => api?.stop());

  const book = (fields: object, token = admin) =>
    api.post('/appointments', { token, body: { patient_id: 'P123', doctor_id: 'D456', ...fields } });
  const booked = async (fields: object): Promise<string> => {
    const answer = await book(fields);
    expectStatus(answer, 201);
    return answer.body.appointment_id as string;
  };

  describe('POST /appointments with a day alone', () => {
    it('DOCS-5: takes the first free slot of the day, on the clock of the hospital', async () => {
      const date = dayAhead(30);
      const first = await book({ appointment_id: 'A789', date, status: 'scheduled' });
      expectStatus(first, 201);
      expect(first.body).to.deep.include({ appointment_id: 'A789', status: 'scheduled' });
      expect(timeOf(first.body.date)).equal(`${date} 08:00`);
      const [year, month, dayOfMonth] = date.split('-');
      for (const [fields, time] of [
        [{ date, status: 'Booked' }, '10:00'],
        [{ date: `${dayOfMonth}/${month}/${year}`, status: 'SCHEDULED' }, '12:00'],
      ] as const) {
        const { body } = await book(fields);
        expect(timeOf(body.date)).equal(`${date} ${time}`);
      }
      const short = await api.post('/bookings/D456', { token: patient, body: { booking_date_time: date } });
      expectStatus(short, 201);
      expect(timeOf(short.body.date)).equal(`${date} 14:00`);
    });

    it('DOCS-5: gives each of several who ask at once a slot of their own; a full day is a 409 with the nearest free', async () => {
      const date = dayAhead(31);
      const patients = await Promise.all(Array.from({ length: 5 }, () => api.make.patient()));
      const answers = await Promise.all(patients.map(({ patient_id }) => book({ date, patient_id })));
      expect(answers.map(({ status }) => status)).deep.equal([201, 201, 201, 201, 201]);
      expect(new Set(answers.map(({ body }) => body.date)).size).equal(5);
      const full = await book({ date });
      expectProblem(full, 409, 'slot_taken');
      expect(full.body.nearest_slots).to.have.length(5);
      for (const { start } of full.body.nearest_slots) expect(timeOf(start).slice(0, 10)).not.equal(date);
      expectStatus(await book({ date, overbooking_reason: 'An emergency' }), 201);
    });

    it('DOCS-5: books the slot of that day that is held', async () => {
      const date = dayAhead(32);
      const start = DateTime.fromISO(`${date}T12:00`, { zone }).toUTC().toISO()!;
      const hold = await api.post('/holds', { token: patient, body: { doctor_id: 'D456', date: start } });
      const { body } = await book({ date, hold_id: hold.body.hold_id }, patient);
      expect(timeOf(body.date)).equal(`${date} 12:00`);
    });

    it('DOCS-5: refuses a day that is over, too far ahead, of no calendar, or without slots, and says which', async () => {
      expectProblem(await book({ date: dayAhead(-1) }), 400, 'outside_booking_window');
      expectProblem(await book({ date: dayAhead(62) }), 400, 'outside_booking_window');
      expectProblem(await book({ date: '2027-02-30' }), 400, 'no_such_time');
      const leave = dayAhead(20);
      const changed = { leave_days: [leave] };
      expectStatus(await api.patch('/doctors/D456', { token: admin, body: changed }), 200);
      expectProblem(await book({ date: leave }), 422, 'doctor_on_leave');
      for (const date of ['tomorrow', '2026-12', '7/12/2026', '20261207'])
        expectProblem(await book({ date }), 400, 'invalid_request');
    });

    it('DOCS-5: takes a status that is so anyway, and refuses any other', async () => {
      for (const status of ['cancelled', 'Completed', 'no_show', 'checked_in', 'pending', '']) {
        const { body, status: code } = await book({ date: dayAhead(33), status });
        expect({ code, pointer: body.errors?.[0]?.pointer }).deep.equal({
          code: 400,
          pointer: '/body/status',
        });
      }
    });
  });

  it('DOCS-5: PATCH and PUT /appointments/{id} take the words of a status in any case; a patient need not say why', async () => {
    const date = dayAhead(34);
    for (const [method, status] of [
      ['patch', 'Cancelled'],
      ['put', 'canceled'],
      ['put', 'CANCELLED'],
    ] as const) {
      const path = `/appointments/${await booked({ date })}`;
      const staff = await api[method](path, { token: doctor, body: { status } });
      expectProblem(staff, 400, 'invalid_request');
      const unsaid = { status, cancellation_reason: 'not-stated' };
      expectProblem(await api[method](path, { token: doctor, body: unsaid }), 400, 'invalid_request');
      const { body, status: code } = await api[method](path, { token: patient, body: { status } });
      expect(code).equal(200);
      expect(body).to.deep.include({ status: 'cancelled', cancellation_reason: 'not-stated' });
      const list = await api.get('/appointments?status=Cancelled&limit=1', { token: patient });
      expect(list.body.items[0].status).equal('cancelled');
    }
    const path = `/appointments/${await booked({ date })}`;
    for (const [method, status, is] of [
      ['put', 'Checked-in', 'checked_in'],
      ['patch', 'Booked', null],
    ] as const) {
      // It is checked in on its day.
      const headers = { [timeHeader]: `${date}T12:00:00Z` };
      const answer = await api[method](path, { token: doctor, headers, body: { status } });
      if (is === null) expectProblem(answer, 409, 'step_not_allowed');
      else expect(answer.body.status).equal(is);
    }
    const unknown = await api.put(path, { token: doctor, body: { status: 'gone' } });
    expectProblem(unknown, 400, 'invalid_request');
    expect(unknown.body.detail).to.include('checked_in').and.to.include('Booked');
  });

  it('DOCS-5: POST /prescriptions reads dosage and frequency as people write them; PATCH does too', async () => {
    const body = { patient_id: 'P123', doctor_id: 'D456', drug: 'Metformin', cost: 12.5 };
    const prescribe = (fields: object) =>
      api.post('/prescriptions', { token: doctor, body: { ...body, ...fields } });
    const mg = { value: 500, unit: 'mg' };
    for (const [dosage, frequency, read, often] of [
      ['500mg', 'Daily', mg, 'once_daily'],
      ['500 mg', 'twice daily', mg, 'twice_daily'],
      [mg, 'BID', mg, 'twice_daily'],
      ['1 tablet', 'every 8 hours', { value: 1, unit: 'tablet' }, 'every_8_hours'],
      ['1 tablet', '1-0-1', { value: 1, unit: 'tablet' }, 'twice_daily'],
      ['2 puffs', 5, { value: 2, unit: 'puff' }, 5],
    ] as const) {
      const answer = await prescribe({ dosage, frequency });
      expectStatus(answer, 201);
      expect(answer.body).to.deep.include({ dosage: read, frequency: often, cost: 12.5 });
    }
    const made = await prescribe({ dosage: '500mg', frequency: 'TDS' });
    const corrected = { dosage: '250 mg', frequency: 'at night' };
    const path = `/prescriptions/${made.body.prescription_id}`;
    const patched = await api.patch(path, { token: doctor, body: corrected });
    expect(patched.body).to.deep.include({ dosage: { value: 250, unit: 'mg' }, frequency: 'at_bedtime' });
    const refused = await prescribe({ dosage: 'some', frequency: 'often' });
    expectProblem(refused, 400, 'invalid_request');
    expect(refused.body.detail).to.include('"500 mg"').and.to.include('twice daily');
  });

  it('DOCS-5: POST /departments goes to the only hospital; PUT /departments/{id} is PATCH', async () => {
    const body = {
      department_name: 'Cardiology',
      operating_start_hour: '09:00',
      operating_end_hour: '17:00',
    };
    const made = await api.post('/departments', { token: admin, body });
    expectStatus(made, 201);
    const path = `/departments/${made.body.department_id}`;
    const changed = await api.put(path, { token: admin, body: { operating_end_hour: '18:00' } });
    expectStatus(changed, 200);
    expect(changed.body).to.deep.include({ ...body, operating_end_hour: '18:00', version: 2 });
    const stale = { token: admin, body: { operating_end_hour: '19:00' }, headers: { 'if-match': '"v1"' } };
    expectProblem(await api.put(path, stale), 412, 'stale_version');
    await api.make.hospital();
    const several = await api.post('/departments', {
      token: admin,
      body: { ...body, department_name: 'ENT' },
    });
    expectProblem(several, 400, 'invalid_request');
    expect(several.body.errors).deep.equal([
      {
        pointer: '/body/hospital_id',
        message: 'is required: there are several hospitals, and DEFAULT_HOSPITAL_ID names none',
      },
    ]);
  });

  it('DOCS-5: PUT /patients/{id} takes name and age, and keeps what is clinical', async () => {
    const diagnoses = [{ disease: 'Asthma', code: null, start_date: '2020-01-01', end_date: null }];
    const allergies = {
      state: 'listed',
      items: [{ substance: 'Penicillin', code: null, category: null, reaction: null, severity: null }],
    };
    const contact = { phone: '+1 212-555-0142', email: null, address: '1 Main St' };
    const { department_id } = await api.make.department();
    const before = await api.make.patient({ sex: 'male', diagnoses, allergies, contact, department_id });
    const put = (body: object) => api.put(`/patients/${before.patient_id}`, { token: admin, body });
    const { status, body } = await put({ name: 'Ali R', age: 48 });
    expect(status).equal(200);
    expect(body).to.deep.include({ name: 'Ali R', age: 48, sex: 'male', diagnoses, allergies, contact });
    expect(body.department_id).equal(null);
    const exact = await put({ name: 'Ali R', date_of_birth: '1978-03-04' });
    const again = await put({ name: 'Ali R', age: exact.body.age });
    expect(again.body).to.deep.include({ date_of_birth: '1978-03-04', date_of_birth_estimated: false });
    const ill = await put({ name: 'Ali R', diseases: ['Diabetes'], contact: { email: 'ali@test.example' } });
    expect(ill.body.diseases).deep.equal(['Diabetes']);
    expect(ill.body.diagnoses).to.have.length(2);
    expect(ill.body.contact).deep.equal({ ...contact, email: 'ali@test.example' });
    expectProblem(await put({ age: 48 }), 400, 'invalid_request');
    expectProblem(await put({ name: 'Ali R', patient_id: 'P123' }), 400, 'invalid_request');
    const own = await api.put('/patients/P123', { token: patient, body: { name: 'Ali R' } });
    expectStatus(own, 200);
    expectProblem(
      await api.put('/patients/P123', { token: patient, body: { name: 'Ali R', age: 20 } }),
      403,
      'forbidden',
    );
  });

  it('DOCS-5: PUT /doctors/{id} takes name and specialty, and keeps what is contractual', async () => {
    const before = await api.make.doctor({ accepting: false, slot_minutes: 45, consultation_fee: 321 });
    const named = { name: 'Dr Ada R', specialty: 'Neurology' };
    const { status, body } = await api.put(`/doctors/${before.doctor_id}`, { token: admin, body: named });
    expect(status).equal(200);
    expect({ ...body, updated_at: 0 }).deep.equal({ ...before, ...named, version: 2, updated_at: 0 });
    const other = await api.put(`/doctors/${before.doctor_id}`, {
      token: admin,
      body: { ...named, doctor_id: 'D456' },
    });
    expectProblem(other, 400, 'invalid_request');
  });

  it('DOCS-5: PUT /transactions/{id} without a body refunds all of it', async () => {
    const appointment_id = await booked({ date: dayAhead(35) });
    const paid = await api.post(`/transactions/${appointment_id}`, { token: admin, body: {} });
    expectStatus(paid, 201);
    const refunded = await api.put(`/transactions/${paid.body.transaction_id}`, { token: admin });
    expectStatus(refunded, 200);
    expect(refunded.body).to.deep.include({ status: 'refunded', refunded: paid.body.total_fee });
    expect(refunded.body.refunds[0].reason).equal('not stated');
  });

  it('AUTH-10: GET /users is the list of accounts, for an admin, in pages and by search', async () => {
    const { email, user_id } = await api.make.account('manager');
    const all: string[] = [];
    let cursor = '';
    do {
      const { status, body } = await api.get(`/users?limit=2${cursor}`, { token: admin });
      expect(status).equal(200);
      all.push(...body.items.map(({ id }: { id: string }) => id));
      cursor = body.next_cursor && `&cursor=${encodeURIComponent(body.next_cursor)}`;
    } while (cursor);
    expect(new Set(all).size).equal(all.length);
    const [found, ...others] = (await api.get(`/users?q=${encodeURIComponent(email)}`, { token: admin })).body
      .items;
    expect(others).deep.equal([]);
    expect(found).to.deep.include({ id: user_id, email, role: 'manager', active: true });
    expect(found).to.not.have.any.keys('password_hash', 'email_key');
    const managers = (await api.get('/users?role=manager&active=true', { token: admin })).body.items;
    expect(managers.map(({ id }: { id: string }) => id)).deep.equal([user_id]);
    expect((await api.get('/users?active=false', { token: admin })).body.items).deep.equal([]);
    expectProblem(await api.get('/users?role=king', { token: admin }), 400, 'invalid_request');
    expectProblem(await api.get('/users', { token: patient }), 403, 'forbidden');
    expectProblem(await api.get('/users'), 401, 'not_signed_in');
  });
});

describe('DEFAULT_HOSPITAL_ID', () => {
  let api: TestApi;
  before(async () => void (api = await startApi({ DEFAULT_HOSPITAL_ID: 'H2' })));
  after(() => api?.stop());

  it('DOCS-5: is the hospital of a department that names none; 422 when there is no such hospital', async () => {
    const token = await api.as('admin');
    await api.make.hospital({ hospital_id: 'H1' });
    const body = { department_name: 'Cardiology' };
    expectProblem(await api.post('/departments', { token, body }), 422, 'unknown_reference');
    await api.make.hospital({ hospital_id: 'H2' });
    expect((await api.post('/departments', { token, body })).body.hospital_id).equal('H2');
    const named = { ...body, hospital_id: 'H1' };
    expect((await api.post('/departments', { token, body: named })).body.hospital_id).equal('H1');
  });
});
