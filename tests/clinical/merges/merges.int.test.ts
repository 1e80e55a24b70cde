import { expect } from 'chai';
import { startApi, type TestApi } from '../../support/api.js';
import { expectProblem, newDoctor, newPatient, nthSlot } from '../../support/people.js';
import { attached, merge, openClinic, state, undo, type Clinic } from './attached.js';

describe('POST /patients/{patient_id}/merge', function () {
  this.timeout(60_000);
  let api: TestApi;
  let clinic: Clinic;
  let admin: string;
  before(async () => {
    api = await startApi();
    clinic = await openClinic(api);
    admin = await api.as('admin');
  });
  after(() => api.stop());
  afterEach(() => api.clock.set(undefined));

  const read = (path: string, token = admin) => api.get(path, { token });
  const count = async (path: string): Promise<number> => (await read(path)).body.items.length as number;

  it('PAT-7: moves all of a patient in both stores, and undone, both are as they were', async () => {
    const into = await attached(api, clinic);
    const from = await attached(
      api,
      clinic,
      { name: 'Pat Tést', diseases: ['Eczema'], contact: { email: 'pat@test.example' } },
      { waits: true },
    );
    const before = await state(api);
    const { status, body, headers } = await merge(api, into.patient_id, from.patient_id);
    expect(status, JSON.stringify(body)).to.equal(201);
    expect(headers.get('location')).to.equal(`/api/patient-merges/${body.merge_id}`);
    expect(body.status).to.equal('merged');
    expect(body.filled).to.deep.equal(['contact.email']);
    expect(
      Object.fromEntries(body.moved.map((one: { what: string; records: number }) => [one.what, one.records])),
    ).to.deep.equal({
      ...{ appointments: 3, removed_appointments: 2, prescriptions: 1, waiting_list: 1 },
      ...{ emergency_accesses: 1, users: 1 },
      ...{ billing: 1, booking_accounts: 3, transactions: 1, ledger_entries: 10 },
    });
    for (const list of ['appointments', 'prescriptions', 'billing', 'transactions', 'emergency-accesses'])
      expect(await count(`/${list}?patient_id=${from.patient_id}`), list).to.equal(0);
    expect(await count(`/appointments?patient_id=${into.patient_id}`)).to.equal(6);
    expect(await count(`/billing?patient_id=${into.patient_id}`)).to.equal(2);
    const one = (await read(`/patients/${into.patient_id}`)).body;
    expect(one.diseases).to.deep.equal(['Asthma', 'Eczema']);
    expect(one.contact).to.deep.include({ phone: '+1 202 555 0175', email: 'pat@test.example' });
    expect(one.appointments).to.have.length(6);
    expect(await api.system.parts.payments.faults()).to.deep.equal([]);

    const undone = await undo(api, body.merge_id);
    expect(undone.status, JSON.stringify(undone.body)).to.equal(200);
    expect(undone.body).to.deep.include({ status: 'undone' });
    expect(undone.body.undone.changed).to.deep.equal([]);
    expect(await state(api)).to.deep.equal(before);
    expect(await api.system.parts.payments.faults()).to.deep.equal([]);
  });

  it('AUTH-8, PAT-7: whoever has read the record that became a part is among those who have read the whole', async () => {
    const [into, middle, from] = [await newPatient(api), await newPatient(api), await newPatient(api)];
    expect((await read(`/patients/${from.patient_id}`)).status).to.equal(200);
    for (const [one, other] of [
      [middle, from],
      [into, middle],
    ] as const)
      expect((await merge(api, one.patient_id, other.patient_id)).status).to.equal(201);
    const { body } = await read(`/patients/${into.patient_id}/accesses`, into.token);
    const actions = body.items.map(({ action }: { action: string }) => action);
    expect(actions.filter((action: string) => action === 'patient.read')).to.have.length(1);
    expect(actions.filter((action: string) => action === 'patient.merge')).to.have.length(2);
  });

  it('PAT-7: leaves an address that says where the record is now, to those who may read that one', async () => {
    const [into, from, third] = [await newPatient(api), await newPatient(api), await newPatient(api)];
    const [treats, stranger] = [await newDoctor(api), await newDoctor(api)];
    await api.make.appointment({ patient_id: from.patient_id, doctor_id: treats.doctor_id });
    expect((await merge(api, into.patient_id, from.patient_id)).status).to.equal(201);
    const old = `/patients/${from.patient_id}`;
    const gone = await read(old);
    expectProblem(gone, 410, 'patient_merged');
    expect(gone.body.replaced_by).to.equal(into.patient_id);
    expectProblem(await read(old, treats.token), 410, 'patient_merged');
    expectProblem(await read(old, stranger.token), 403, 'break_glass_needed');
    expectProblem(await read(old, third.token), 404, 'not_found');
    expectProblem(await api.patch(old, { token: admin, body: { name: 'No More' } }), 410, 'patient_merged');
    expectProblem(await api.delete(old, { token: admin }), 410, 'patient_merged');
    const again = { patient_id: from.patient_id, name: 'Again', age: 3 };
    expectProblem(await api.post('/patients', { token: admin, body: again }), 409, 'already_exists');
    // Who signs in as the one who was merged is the other now, at once.
    expect((await read(`/patients/${into.patient_id}`, from.token)).status).to.equal(200);
    // A chain points to its end.
    expect((await merge(api, third.patient_id, into.patient_id)).status).to.equal(201);
    expect((await read(old)).body.replaced_by).to.equal(third.patient_id);
  });

  it('PAT-7: what has changed since is told, goes back with its change, or stays', async () => {
    const [into, from] = [await attached(api, clinic), await attached(api, clinic)];
    const { merge_id } = (await merge(api, into.patient_id, from.patient_id)).body;
    await api.make.steps(from.visits.ahead, 'checked_in', 'completed');
    const new_visit = await api.make.appointment({
      doctor_id: clinic.doctor_id,
      patient_id: into.patient_id,
    });
    const about = { doctor_id: clinic.doctor_id, patient_id: into.patient_id };
    const written = await api.make.prescription({ ...about, appointment_id: from.visits.ahead });
    const undone = await undo(api, merge_id);
    expect(undone.status, JSON.stringify(undone.body)).to.equal(200);
    expect(undone.body.undone.changed).to.have.deep.members([
      { what: 'appointments', id: from.visits.ahead, fate: 'changed' },
      { what: 'appointments', id: new_visit.appointment_id, fate: 'kept' },
      { what: 'prescriptions', id: written.prescription_id, fate: 'added' },
    ]);
    // The bill of a visit goes where the visit goes.
    const bills = (await read(`/billing?patient_id=${from.patient_id}`)).body.items;
    expect(bills.map(({ appointment_id }: { appointment_id: string }) => appointment_id)).to.include(
      from.visits.ahead,
    );
    expect((await read(`/prescriptions?patient_id=${from.patient_id}`)).body.items).to.have.length(2);
    expect(await api.system.parts.payments.faults()).to.deep.equal([]);
  });

  it('PAT-7: refuses oneself, the missing, those that are merged, and who may not', async () => {
    const [into, from] = [await newPatient(api), await newPatient(api)];
    const [a, b] = [into.patient_id, from.patient_id];
    expectProblem(await merge(api, a, a), 400, 'invalid_request');
    expectProblem(await merge(api, 'P-NONE', b), 404, 'not_found');
    expectProblem(await merge(api, a, 'P-NONE'), 422, 'unknown_reference');
    for (const role of ['doctor', 'patient', 'receptionist', 'manager'] as const)
      expectProblem(await merge(api, a, b, { token: await api.as(role) }), 403, 'forbidden');
    const { body } = await merge(api, a, b);
    expectProblem(await merge(api, a, b), 409, 'merge_refused');
    expectProblem(await merge(api, b, a), 410, 'patient_merged');
    expectProblem(await undo(api, 'PM-NONE'), 404, 'not_found');
    expectProblem(await undo(api, body.merge_id, await api.as('doctor')), 403, 'forbidden');
    expect((await undo(api, body.merge_id)).status).to.equal(200);
    expectProblem(await undo(api, body.merge_id), 409, 'step_done');
  });

  it('PAT-7: refuses two who both owe something, and merges when one of them has paid', async () => {
    const [into, from] = [await newPatient(api), await newPatient(api)];
    const visits = [];
    for (const { patient_id } of [into, from]) {
      const visit = await api.make.appointment({ doctor_id: clinic.doctor_id, patient_id });
      await api.make.steps(visit.appointment_id, 'checked_in', 'completed');
      visits.push(visit.appointment_id);
    }
    const refused = await merge(api, into.patient_id, from.patient_id);
    expectProblem(refused, 409, 'merge_refused');
    expect(refused.body.detail).to.match(/Both owe something \(1 and 1 bills\)/);
    await api.post(`/transactions/${visits[0]}`, { token: admin });
    expect((await merge(api, into.patient_id, from.patient_id)).status).to.equal(201);
  });

  it('PAT-7: refuses while somebody books for one of them, two visits at one time, and the living with the dead', async () => {
    const [into, from] = [await newPatient(api), await newPatient(api)];
    const { doctor_id } = await api.make.doctor();
    const { date } = await api.make.appointment({ doctor_id, patient_id: into.patient_id });
    const { doctor_id: other } = await api.make.doctor();
    const hold = await api.post('/holds', { token: from.token, body: { doctor_id: other, date } });
    expect(hold.status, JSON.stringify(hold.body)).to.equal(201);
    expectProblem(await merge(api, into.patient_id, from.patient_id), 409, 'merge_refused');
    const body = { doctor_id: other, date, hold_id: hold.body.hold_id };
    expect((await api.post('/appointments', { token: from.token, body })).status).to.equal(201);
    const clash = await merge(api, into.patient_id, from.patient_id);
    expectProblem(clash, 409, 'merge_refused');
    expect(clash.body.detail).to.match(/a visit at one time/);
    const [living, dead] = [await newPatient(api), await api.make.patient({ deceased_date: '2020-01-01' })];
    expectProblem(await merge(api, living.patient_id, dead.patient_id), 409, 'merge_refused');
    expect((await read(`/patients/${from.patient_id}`)).status).to.equal(200);
  });

  it('PAT-7: a booking at the same moment becomes the other’s, or is refused; none is left behind', async () => {
    for (let n = 0; n < 6; n++) {
      const [into, from] = [await newPatient(api), await newPatient(api)];
      const { doctor_id } = await api.make.doctor();
      const body = { doctor_id, date: nthSlot(40 + n), patient_id: from.patient_id };
      const [booked, merged] = await Promise.all([
        api.post('/appointments', { token: admin, body }),
        merge(api, into.patient_id, from.patient_id),
      ]);
      expect(merged.status, JSON.stringify(merged.body)).to.equal(201);
      expect([201, 404], JSON.stringify(booked.body)).to.include(booked.status);
      const { connection } = api.system.around.stores;
      for (const name of ['appointments', 'slot_claims'])
        expect(
          await connection.db!.collection(name).countDocuments({ patient_id: from.patient_id }),
          name,
        ).to.equal(0);
      const visits = await count(`/appointments?patient_id=${into.patient_id}`);
      expect(visits).to.equal(booked.status === 201 ? 1 : 0);
    }
  });

  it('PAT-7: one key merges once; merges into one record are undone from the last', async () => {
    const [one, two, three] = [await newPatient(api), await newPatient(api), await newPatient(api)];
    const headers = { 'Idempotency-Key': `merge ${one.patient_id}`.replace(' ', '-') };
    const first = await merge(api, two.patient_id, one.patient_id, { headers });
    const again = await merge(api, two.patient_id, one.patient_id, { headers });
    expect(again.body.merge_id).to.equal(first.body.merge_id);
    const second = (await merge(api, three.patient_id, two.patient_id)).body;
    expectProblem(await undo(api, first.body.merge_id), 409, 'merge_refused');
    expect((await undo(api, second.merge_id)).status).to.equal(200);
    expect((await undo(api, first.body.merge_id)).status).to.equal(200);
    expect((await read(`/patients/${one.patient_id}`)).status).to.equal(200);
    const list = (await read('/patient-merges?limit=2')).body;
    expect(list.items.map(({ merge_id }: { merge_id: string }) => merge_id)).to.deep.equal([
      second.merge_id,
      first.body.merge_id,
    ]);
    const { status, body } = await read(`/patient-merges/${second.merge_id}`);
    expect({ status, as: body.status }).to.deep.equal({ status: 200, as: 'undone' });
    expectProblem(await read('/patient-merges/PM-NONE'), 404, 'not_found');
    expectProblem(await read(`/patient-merges/${second.merge_id}`, one.token), 403, 'forbidden');
    const trail = await api.system.around.stores.connection
      .collection('audit_events')
      .find({ subject: second.merge_id })
      .toArray();
    expect(trail.map(({ action }) => action as string).sort()).to.deep.equal([
      'merge.read',
      'merge.read',
      'patient.unmerge',
    ]);
  });
});
