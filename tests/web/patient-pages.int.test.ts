import { expect } from 'chai';
import { startApi, type TestApi } from '../support/api.js';
import { newDoctor } from '../support/people.js';
import { createVisitor, words, type Visitor } from './visitor.js';

describe('the pages of timelines and of emergency accesses', () => {
  let api: TestApi;
  before(async () => (api = await startApi()));
  after(() => api?.stop());

  async function visitorOf(role: 'admin' | 'doctor' | 'patient' | 'manager', links = {}): Promise<Visitor> {
    const { email } = await api.make.account(role, links);
    const visitor = createVisitor(api);
    await visitor.signIn(email);
    return visitor;
  }

  it('PAT-3: a patient sees what happened, the newest first, and nobody else’s', async () => {
    const { patient_id } = await api.make.patient();
    const visit = await api.make.appointment({ patient_id });
    const patient = await visitorOf('patient', { patient_id });
    const page = await patient.get('/my/timeline');
    expect(page.status).to.equal(200);
    expect(words(page)).to.match(/My timeline.*Visit booked.*for .*UTC/);
    expect(page.text).to.include(`/my/appointments/${visit.appointment_id}`);
    const { patient_id: other } = await api.make.patient();
    expect((await patient.get(`/patients/${other}/timeline`)).status).to.equal(404);
    expect((await createVisitor(api).get('/my/timeline')).to).to.match(/^\/sign-in/);
    expect((await (await visitorOf('manager')).get(`/patients/${other}/timeline`)).status).to.equal(404);
  });

  it('PAT-8: a doctor who is refused says why, sees the record, and an admin reviews it in the queue', async () => {
    const { patient_id } = await api.make.patient();
    await api.make.appointment({ patient_id });
    const { doctor_id } = await newDoctor(api);
    const { doctor_id: mine } = await api.make.doctor();
    const doctor = await visitorOf('doctor', { doctor_id: mine });
    const address = `/patients/${patient_id}/timeline`;
    const refused = await doctor.get(address);
    expect(words(refused)).to.match(/Open a record in an emergency.*say why/);
    expect(words(refused)).not.to.include('Visit booked');
    const empty = await doctor.submit(refused, address, { reason: ' ' });
    expect(empty.status).to.equal(400);
    expect(words(empty)).to.include('Say why you must see the record');
    const opened = await doctor.submit(refused, address, { reason: 'Unconscious; nobody else is here.' });
    expect(opened.to, opened.text).to.equal(address);
    expect(words(await doctor.get(address))).to.include('Visit booked');
    expect((await doctor.get('/emergency-accesses')).status).to.equal(403);

    const admin = await visitorOf('admin');
    const queue = await admin.get('/emergency-accesses');
    expect(words(queue)).to.include(`${mine} opened ${patient_id}`).and.not.include(doctor_id);
    const link = /href="(\/emergency-accesses\/EA[^"]+)"/.exec(queue.text)![1]!;
    const one = await admin.get(link);
    expect(words(one)).to.include('Unconscious; nobody else is here.');
    const undecided = await admin.submit(one, `${link}/review`, { note: 'Hm' });
    expect(undecided.status).to.equal(400);
    expect(words(undecided)).to.include('Say whether the reason was good enough');
    const saved = await admin.submit(one, `${link}/review`, { finding: 'justified', note: '' });
    expect(saved.to, saved.text).to.equal('/emergency-accesses');
    expect(words(await admin.get('/emergency-accesses'))).to.include('Nothing waits for a review');
    expect(words(await admin.get('/emergency-accesses?reviewed=true'))).to.include('Justified');
    expect((await admin.get('/emergency-accesses/EA-NONE')).status).to.equal(404);
    const twice = await admin.submit(one, `${link}/review`, { finding: 'not_justified' });
    expect(twice.status).to.equal(409);
  });
});
