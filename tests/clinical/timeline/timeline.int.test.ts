import { expect } from 'chai';
import { startApi, type Answer, type TestApi } from '../../support/api.js';
import { expectProblem, newDoctor, newPatient, nthSlot } from '../../support/people.js';
import { attached, merge, openClinic, type Attached, type Clinic } from '../merges/attached.js';

describe('GET /patients/{patient_id}/timeline', function () {
  this.timeout(60_000);
  let api: TestApi;
  let admin: string;
  let clinic: Clinic;
  let one: Attached;
  before(async () => {
    api = await startApi();
    admin = await api.as('admin');
    clinic = await openClinic(api);
    one = await attached(api, clinic);
  });
  after(() => api.stop());

  const read = (query = '', token = admin, headers = {}): Promise<Answer> =>
    api.get(`/patients/${one.patient_id}/timeline?limit=100${query}`, { token, headers });
  const events = async (query = '', token = admin) => {
    const { status, body } = await read(query, token);
    expect(status, JSON.stringify(body)).to.equal(200);
    return body.items as {
      event_id: string;
      at: string;
      kind: string;
      amount: number | null;
      date: string | null;
    }[];
  };
  const kinds = async (query = '', token = admin) =>
    (await events(query, token)).map(({ kind }) => kind).sort();
  const booked = ['appointment.booked', 'appointment.booked', 'appointment.booked'];
  const care = [
    ...booked,
    'appointment.checked_in',
    'appointment.completed',
    'appointment.rescheduled',
    'prescription.written',
  ];
  const money = ['bill.charged', 'payment.paid', 'refund.posted'];

  it('PAT-3: has the visits with their moves, prescriptions, money and emergency accesses of both stores', async () => {
    expect(await kinds()).to.deep.equal([...care, ...money, 'emergency_access.opened'].sort());
    expect(await kinds('', one.token)).to.deep.equal([...care, ...money, 'emergency_access.opened'].sort());
    const all = await events();
    const times = all.map(({ at }) => Date.parse(at));
    expect(times).to.deep.equal(times.toSorted((a, b) => b - a));
    const moved = all.find(({ kind }) => kind === 'appointment.rescheduled')!;
    const from = all.filter(({ kind }) => kind === 'appointment.booked').map(({ date }) => date);
    expect(from).not.to.include(moved.date);
    expect(all.find(({ kind }) => kind === 'refund.posted')!.amount).to.equal(10);
  });

  it('PAT-3: pages by time without a gap or a repetition, whatever the size of a page', async () => {
    const all = (await events()).map(({ event_id }) => event_id);
    expect(new Set(all).size).to.equal(all.length);
    for (const limit of [1, 3, 4]) {
      const found: string[] = [];
      for (let cursor = ''; ;) {
        const { body } = await api.get(`/patients/${one.patient_id}/timeline?limit=${limit}${cursor}`, {
          token: admin,
        });
        found.push(...body.items.map(({ event_id }: { event_id: string }) => event_id));
        if (body.next_cursor === null) break;
        cursor = `&cursor=${body.next_cursor}`;
      }
      expect(found, `${limit} a page`).to.deep.equal(all);
    }
    expectProblem(await read('&cursor=x'), 400, 'invalid_cursor');
  });

  it('PAT-3: keeps to a period, half-open, and to a type', async () => {
    const all = await events();
    const middle = all[3]!.at;
    const older = await events(`&until=${encodeURIComponent(middle)}`);
    const newer = await events(`&since=${encodeURIComponent(middle)}`);
    expect([...newer, ...older]).to.deep.equal(all);
    expect(newer.at(-1)!.at).to.equal(middle);
    expect(await kinds('&type=payments')).to.deep.equal(['payment.paid', 'refund.posted']);
    expect(await kinds('&type=bills')).to.deep.equal(['bill.charged']);
    expect(await kinds('&type=prescriptions')).to.deep.equal(['prescription.written']);
    expectProblem(await read('&type=notes'), 400, 'invalid_request');
    expectProblem(await read('&since=2026-02-01&until=2026-01-01'), 400, 'invalid_request');
  });

  it('PAT-8: a doctor sees the care of those in their care, and of others by Break-Glass; nobody else does', async () => {
    const { token: treats, doctor_id } = await newDoctor(api);
    await api.make.appointment({ doctor_id, patient_id: one.patient_id, date: nthSlot(90) });
    expect(await kinds('', treats)).to.deep.equal([...care, 'appointment.booked'].sort());
    expect(await kinds('&type=payments', treats)).to.deep.equal([]);
    const other = await newDoctor(api);
    expectProblem(await read('', other.token), 403, 'break_glass_needed');
    const opened = await read('', other.token, { 'Break-Glass': 'Unconscious; nobody else is here.' });
    expect(opened.status).to.equal(200);
    expectProblem(await read('', (await newPatient(api)).token), 404, 'not_found');
    for (const role of ['receptionist', 'manager'] as const)
      expectProblem(await read('', await api.as(role)), 403, 'forbidden');
    expectProblem(await api.get('/patients/P-NONE/timeline', { token: admin }), 404, 'not_found');
    expectProblem(await api.get(`/patients/${one.patient_id}/timeline`), 401, 'not_signed_in');
  });

  it('PAT-3, PAT-7: of two who are merged it is one; the other’s address says where', async () => {
    const into = await attached(api, clinic);
    const count = (await events()).length;
    expect((await merge(api, into.patient_id, one.patient_id)).status).to.equal(201);
    expectProblem(await read(), 410, 'patient_merged');
    const { body } = await api.get(`/patients/${into.patient_id}/timeline?limit=100`, { token: admin });
    expect(body.items).to.have.length(count + 11);
  });
});
