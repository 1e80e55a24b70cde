import { expect } from 'chai';
import { startApi, type TestApi } from '../../support/api.js';
import { newPatient } from '../../support/people.js';
import { createVisitor, words } from '../../web/visitor.js';

describe('who has read a record', function () {
  this.timeout(60_000);
  let api: TestApi;
  before(async () => (api = await startApi()));
  after(() => api?.stop());

  /** A patient whom a doctor who treats them has read, and a manager was refused. */
  async function read() {
    const patient = await newPatient(api);
    const { doctor_id } = await api.make.doctor();
    const doctor = await api.make.account('doctor', { doctor_id });
    await api.make.appointment({ patient_id: patient.patient_id, doctor_id });
    const headers = { 'purpose-of-use': 'TREAT' };
    await api.get(`/patients/${patient.patient_id}`, { token: doctor.token, headers });
    await api.get(`/patients/${patient.patient_id}`, { token: await api.as('manager') });
    return { ...patient, doctor };
  }

  it('AUTH-8: GET /patients/{id}/accesses tells the patient who, in which role, what, when and why', async () => {
    const { token, patient_id, doctor } = await read();
    const { status, body } = await api.get(`/patients/${patient_id}/accesses`, { token });
    expect(status).equal(200);
    const [refused, seen] = body.items;
    expect(seen).include({ who: 'Test doctor', role: 'doctor', action: 'patient.read', is_own: false });
    expect(seen).include({ outcome: 'success', purpose: 'TREAT' });
    expect(refused).include({ role: 'manager', outcome: 'failure', purpose: null });
    expect(JSON.stringify(body)).not.include(doctor.email).and.not.include('127.0.0.1');
    // To look is an access too.
    const again = await api.get(`/patients/${patient_id}/accesses`, { token });
    expect(again.body.items[0]).include({ action: 'patient.accesses', is_own: true });
    const admin = await api.get(`/patients/${patient_id}/accesses`, { token: await api.as('admin') });
    expect(admin.body.items.length).equal(again.body.items.length + 1);
  });

  it('AUTH-8: refuses everybody else: 401, 403, and 404 to another patient as for one who is not there', async () => {
    const { patient_id } = await read();
    const address = `/patients/${patient_id}/accesses`;
    expect((await api.get(address)).status).equal(401);
    for (const role of ['doctor', 'manager', 'receptionist', 'vendor'] as const)
      expect((await api.get(address, { token: await api.as(role) })).status, role).equal(403);
    const token = await api.as('patient');
    const [foreign, missing] = [
      await api.get(address, { token }),
      await api.get('/patients/no-one/accesses', { token }),
    ];
    expect([foreign.status, foreign.body.detail]).deep.equal([404, missing.body.detail]);
  });

  it('AUTH-8: GET /audit-events filters by user, patient, action, outcome and time, in pages', async () => {
    const { patient_id, doctor } = await read();
    const token = await api.as('admin');
    const list = async (query: string) => (await api.get(`/audit-events?${query}`, { token })).body;
    const ofPatient = await list(`patient=${patient_id}&action=patient.read`);
    expect(ofPatient.items.map(({ role }: { role: string }) => role)).deep.equal(['manager', 'doctor']);
    const ofUser = await list(`user=${doctor.user_id}&action=patient.read`);
    expect(ofUser.items).to.have.length(1);
    expect(ofUser.items[0]).deep.include({ patient_ids: [patient_id], address: '127.0.0.1' });
    expect((await list(`patient=${patient_id}&outcome=failure`)).items).to.have.length(1);
    expect((await list(`patient=${patient_id}&to=2020-01-01`)).items).deep.equal([]);
    const first = await list(`patient=${patient_id}&limit=1`);
    const second = await list(`patient=${patient_id}&limit=1&cursor=${first.next_cursor}`);
    expect(second.items[0].event_id).not.equal(first.items[0].event_id);
    expect((await list('action=auth.login&limit=1')).items[0].action).equal('auth.login');
  });

  it('AUTH-8: refuses what is no filter, and every role but the admin', async () => {
    const token = await api.as('admin');
    for (const query of [
      'action=read',
      'outcome=maybe',
      'from=2026-02-01&to=2026-01-01',
      'cursor=x',
      'user=a%20b',
    ])
      expect((await api.get(`/audit-events?${query}`, { token })).status, query).equal(400);
    for (const role of ['patient', 'doctor', 'manager'] as const)
      expect((await api.get('/audit-events', { token: await api.as(role) })).status, role).equal(403);
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
      expect((await api.request(method, '/audit-events', { token })).status, method).equal(405);
  });

  it('AUTH-8, WEB-3: both have a page, for nobody else', async () => {
    const { email } = await (async () => {
      const patient = await read();
      const users = api.system.around.stores.connection.db!.collection('users');
      const user = await users.findOne({ patient_id: patient.patient_id });
      return { email: String(user!['email']) };
    })();
    const patient = createVisitor(api);
    await patient.signIn(email);
    const page = await patient.get('/account/accesses');
    expect(page.status).equal(200);
    expect(words(page)).include('Test doctor, doctor Read the record Treatment').and.include('Refused');
    expect((await patient.get('/operations/trail')).status).equal(403);
    const admin = createVisitor(api);
    await admin.signIn((await api.make.account('admin')).email);
    const trail = await admin.get('/operations/trail?action=patient.read&outcome=failure');
    expect(trail.status).equal(200);
    expect(words(trail)).include('Read the record Refused');
    expect((await admin.get('/account/accesses')).status).equal(403);
    expect((await createVisitor(api).get('/account/accesses')).to).equal(
      '/sign-in?next=%2Faccount%2Faccesses',
    );
  });
});
