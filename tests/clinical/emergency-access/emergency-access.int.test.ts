import { expect } from 'chai';
import { fillCareTeams } from '../../../src/domains/clinical/patients/index.js';
import { type Answer, startApi, type TestApi } from '../../support/api.js';
import { expectProblem, hour, newDoctor, newPatient } from '../../support/people.js';

const why = 'Unconscious in the emergency room; allergies unknown.';

const idsIn = ({ body }: Answer, name: string): string[] =>
  (body.items as Record<string, string>[]).map((item) => item[name]!).sort();

describe('PAT-8: whose records a doctor may read', () => {
  let api: TestApi;
  before(async () => {
    api = await startApi();
  });
  after(() => api.stop());
  afterEach(() => api.clock.set(undefined));

  const read = (patient_id: string, token: string, reason?: string): Promise<Answer> =>
    api.get(`/patients/${patient_id}`, { token, headers: reason ? { 'Break-Glass': reason } : {} });

  it('PAT-8: those who have a visit to the doctor, one to come or one that was; a visit that is called off opens nothing', async () => {
    const [doctor, other] = [await newDoctor(api), await newDoctor(api)];
    const { patient_id } = await api.make.patient();
    expectProblem(await read(patient_id, doctor.token), 403, 'break_glass_needed');
    const visit = await api.make.appointment({ patient_id, doctor_id: doctor.doctor_id });
    expect((await read(patient_id, doctor.token)).status).to.equal(200);
    expectProblem(await read(patient_id, other.token), 403, 'break_glass_needed');
    await api.make.steps(visit.appointment_id, 'cancelled');
    expectProblem(await read(patient_id, doctor.token), 403, 'break_glass_needed');
    const second = await api.make.appointment({ patient_id, doctor_id: doctor.doctor_id });
    await api.make.steps(second.appointment_id, 'no_show');
    expect((await read(patient_id, doctor.token)).status).to.equal(200);
  });

  it('PAT-8: those of the department that the doctor works in, for as long as they do', async () => {
    const [here, there] = [await api.make.department(), await api.make.department()];
    const { doctor_id } = await api.make.doctor({ department_id: here.department_id });
    const { token } = await api.make.account('doctor', { doctor_id });
    const { patient_id } = await api.make.patient({ department_id: here.department_id });
    expect((await read(patient_id, token)).status).to.equal(200);
    const admin = await api.as('admin');
    const moved = await api.patch(`/doctors/${doctor_id}`, {
      token: admin,
      body: { department_id: there.department_id },
    });
    expect(moved.status).to.equal(200);
    expectProblem(await read(patient_id, token), 403, 'break_glass_needed');
  });

  it('PAT-5, PAT-8: a record that there is not is refused alike; with a reason it is told that there is none', async () => {
    const { token } = await newDoctor(api);
    const { patient_id } = await api.make.patient();
    const [foreign, missing] = [await read(patient_id, token), await read('P-NONE', token)];
    expectProblem(foreign, 403, 'break_glass_needed');
    expect({ ...foreign.body, instance: '' }).to.deep.equal({ ...missing.body, instance: '' });
    expectProblem(await read('P-NONE', token, why), 404, 'not_found');
  });

  it('PAT-8: lists and searches show a doctor those in their care, and no others', async () => {
    const [doctor, other] = [await newDoctor(api), await newDoctor(api)];
    const mark = `Quandary${Date.now()}`;
    const patients = await Promise.all(
      ['One', 'Two', 'Three'].map((name) => api.make.patient({ name: `${name} ${mark}` })),
    );
    const [one, two] = patients.map(({ patient_id }) => patient_id as string);
    await api.make.appointment({ patient_id: one, doctor_id: doctor.doctor_id });
    await api.make.appointment({ patient_id: two, doctor_id: other.doctor_id });
    const { token } = doctor;
    for (const query of ['', `?q=${mark}`, '?sort=name', '?sort=date_of_birth', '?age_from=1'])
      expect(idsIn(await api.get(`/patients${query}`, { token }), 'patient_id'), query).to.deep.equal([one]);
    const all = await api.get(`/patients?q=${mark}`, { token: await api.as('admin') });
    expect(all.body.items).to.have.length(3);
    const without = await api.make.account('doctor');
    expect((await api.get('/patients', { token: without.token })).body.items).to.deep.equal([]);
    expect((await api.get('/appointments', { token: without.token })).body.items).to.deep.equal([]);
    expect((await api.get('/prescriptions', { token: without.token })).body.items).to.deep.equal([]);
  });

  it('PAT-8: visits and prescriptions obey the same line, alone, in lists and in what was replaced', async () => {
    const [doctor, other] = [await newDoctor(api), await api.make.doctor()];
    const { patient_id } = await api.make.patient();
    const visit = await api.make.appointment({ patient_id, doctor_id: other.doctor_id });
    const { prescription_id } = await api.make.prescription({ patient_id, doctor_id: other.doctor_id });
    const paths = [
      `/appointments/${visit.appointment_id}`,
      `/prescriptions/${prescription_id}`,
      `/prescriptions/${prescription_id}/versions`,
    ];
    const lists = ['', `?patient_id=${patient_id}`, `?doctor_id=${other.doctor_id}`];
    const { token } = doctor;
    for (const path of paths) expectProblem(await api.get(path, { token }), 404, 'not_found');
    for (const query of lists)
      for (const path of ['/appointments', '/prescriptions'])
        expect((await api.get(path + query, { token })).body.items, path + query).to.deep.equal([]);
    await api.make.appointment({ patient_id, doctor_id: doctor.doctor_id });
    for (const path of paths) expect((await api.get(path, { token })).status, path).to.equal(200);
    for (const query of lists) {
      expect(idsIn(await api.get(`/appointments${query}`, { token }), 'appointment_id')).to.include(
        visit.appointment_id,
      );
      expect(idsIn(await api.get(`/prescriptions${query}`, { token }), 'prescription_id')).to.deep.equal([
        prescription_id,
      ]);
    }
  });

  it('PAT-8: Break-Glass opens one record for an hour, once, for that doctor, with all that belongs to it', async () => {
    const [doctor, other, second] = [await newDoctor(api), await newDoctor(api), await api.make.patient()];
    const { patient_id } = await api.make.patient();
    const visit = await api.make.appointment({ patient_id, doctor_id: other.doctor_id });
    const { token } = doctor;
    const answers = await Promise.all([1, 2, 3].map(() => read(patient_id, token, why)));
    expect(answers.map(({ status }) => status)).to.deep.equal([200, 200, 200]);
    expect((await read(patient_id, token)).status, 'without the header').to.equal(200);
    const listed = await api.get(`/appointments?patient_id=${patient_id}`, { token });
    expect(idsIn(listed, 'appointment_id')).to.deep.equal([visit.appointment_id]);
    expectProblem(await read(second.patient_id, token), 403, 'break_glass_needed');
    const third = await newDoctor(api);
    expectProblem(await read(patient_id, third.token), 403, 'break_glass_needed');
    const queue = await api.get(`/emergency-accesses?patient_id=${patient_id}`, {
      token: await api.as('admin'),
    });
    expect(queue.body.items).to.have.length(1);
    api.clock.set(new Date(Date.now() + hour + 1_000));
    // The token has expired by then, so the service is asked.
    expect(await api.system.parts.patients.isReadable(actorOf(doctor), patient_id)).to.equal(false);
  });

  const actorOf = ({ user_id, doctor_id }: { user_id: string; doctor_id: string }) => ({
    ...{ user_id, doctor_id, role: 'doctor' as const, session_id: 'S', patient_id: null },
  });

  it('PAT-8: lists of one patient take Break-Glass too', async () => {
    const [doctor, other] = [await newDoctor(api), await api.make.doctor()];
    const { patient_id } = await api.make.patient();
    await api.make.prescription({ patient_id, doctor_id: other.doctor_id });
    const asked = await api.get(`/prescriptions?patient_id=${patient_id}`, {
      token: doctor.token,
      headers: { 'Break-Glass': why },
    });
    expect(asked.body.items).to.have.length(1);
  });

  it('PAT-8: a reason that says nothing is refused, and opens nothing', async () => {
    const { token } = await newDoctor(api);
    const { patient_id } = await api.make.patient();
    for (const reason of ['now', 'x'.repeat(501), ' '.repeat(40)]) {
      const answer = await read(patient_id, token, reason);
      expectProblem(answer, 400, 'invalid_request');
      expect(answer.body.errors[0].pointer).to.equal('/header/Break-Glass');
    }
    const latin = await read(patient_id, token, 'Bewußtlos in der Ambulanz');
    expectProblem(latin, 400, 'malformed_text');
    const utf8 = Buffer.from('Bewußtlos in der Ambulanz').toString('latin1');
    expect((await read(patient_id, token, utf8)).status).to.equal(200);
    expectProblem(await read((await api.make.patient()).patient_id, token), 403, 'break_glass_needed');
  });

  it('PAT-5: it opens nothing to a patient, and means nothing to an admin', async () => {
    const [mine, theirs] = [await newPatient(api), await newPatient(api)];
    expectProblem(await read(theirs.patient_id, mine.token, why), 404, 'not_found');
    expect((await read(theirs.patient_id, await api.as('admin'), why)).status).to.equal(200);
    const queue = await api.get(`/emergency-accesses?patient_id=${theirs.patient_id}`, {
      token: await api.as('admin'),
    });
    expect(queue.body.items).to.deep.equal([]);
  });

  it('PAT-8, AUTH-8: it lands in a queue and in the audit log; an admin reviews it once', async () => {
    const { token, user_id, doctor_id } = await newDoctor(api);
    const { patient_id } = await api.make.patient();
    await read(patient_id, token, why);
    const admin = await api.as('admin');
    const waiting = `/emergency-accesses?reviewed=false&user_id=${user_id}`;
    const [access] = (await api.get(waiting, { token: admin })).body.items;
    expect(access).to.include({ user_id, doctor_id, patient_id, reason: why, review: null });
    expect(Date.parse(access.expires_at) - Date.parse(access.opened_at)).to.equal(hour);
    const events = api.system.around.stores.connection.db!.collection('audit_events');
    const broken = await events.findOne({ subject: access.emergency_access_id });
    const facts = { actor_user_id: user_id, patient_ids: [patient_id], purpose: 'BTG', outcome: 'success' };
    expect(broken).to.deep.include({ ...facts, action: 'record.glass_broken' });
    const reading = await events.findOne({ actor_user_id: user_id, action: 'patient.read' });
    expect(reading).to.deep.include({ ...facts, request_id: broken!['request_id'] });
    const path = `/emergency-accesses/${access.emergency_access_id}/review`;
    expectProblem(await api.post(path, { token, body: { finding: 'justified' } }), 403, 'forbidden');
    expectProblem(await api.post(path, { token: admin, body: { finding: 'fine' } }), 400, 'invalid_request');
    const body = { finding: 'not_justified', note: 'Not on duty.' };
    const reviewed = await api.post(path, { token: admin, body });
    expect(reviewed.body.review).to.include({ finding: 'not_justified', note: 'Not on duty.' });
    const ofReview = { action: 'emergency_access.review', outcome: 'success' };
    expect((await events.findOne(ofReview))!['patient_ids']).to.deep.equal([patient_id]);
    expectProblem(await api.post(path, { token: admin, body }), 409, 'step_done');
    expect((await api.get(waiting, { token: admin })).body.items).to.deep.equal([]);
    const missing = '/emergency-accesses/EA-NONE/review';
    expectProblem(await api.post(missing, { token: admin, body }), 404, 'not_found');
  });

  it('PAT-8: after an import, and in what a version before has stored, the same doctors treat', async () => {
    const [doctor, other] = [await newDoctor(api), await newDoctor(api)];
    const { patient_id } = await api.make.patient();
    await api.make.appointment({ patient_id, doctor_id: doctor.doctor_id });
    const off = await api.make.appointment({ patient_id, doctor_id: other.doctor_id });
    await api.make.steps(off.appointment_id, 'cancelled');
    const patients = api.system.around.stores.connection.collection<{ _id: string; care_team?: string[] }>(
      'patients',
    );
    const teamOf = async () => (await patients.findOne({ _id: patient_id }))!.care_team;
    for (const again of [
      () => api.system.parts.patients.refreshRecent([patient_id]),
      async () => {
        await patients.updateMany({}, { $unset: { care_team: 1 } });
        await fillCareTeams(api.system.around.stores.connection);
      },
    ]) {
      await again();
      expect(await teamOf()).to.deep.equal([doctor.doctor_id]);
    }
    expect(await patients.countDocuments({ care_team: null as never })).to.equal(0);
  });
});
