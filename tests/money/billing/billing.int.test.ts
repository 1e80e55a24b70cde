import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import type { AppointmentCompleted } from '../../../src/contracts/hand-overs.js';
import type { BillingRow } from '../../../src/domains/money/billing/index.js';
import { money } from '../../../src/lib/money.js';
import { startApi, type TestApi } from '../../support/api.js';
import { timeHeader } from '../../support/make.js';
import { expectProblem, expectSameRefusal, newPatient } from '../../support/people.js';

describe('billing', () => {
  let api: TestApi;
  let admin: string;

  before(async () => {
    api = await startApi();
    admin = await api.as('admin');
  });

  after(() => api.stop());

  const table = () => api.system.around.stores.knex<BillingRow>('billing');
  /** A completed appointment of a new patient. */
  async function visit(fields: Record<string, unknown> = {}, consultation_fee = 80.1) {
    const patient = await newPatient(api);
    const doctor = await api.make.doctor({ consultation_fee });
    const { doctor_id } = doctor;
    const { patient_id } = patient;
    const { appointment_id } = await api.make.appointment({ doctor_id, patient_id, ...fields });
    const completed = await api.make.steps(appointment_id, 'checked_in', 'completed');
    return { patient, doctor, appointment: completed };
  }

  describe('completing an appointment', () => {
    it('BILL-1: bills the consultation: the row is there when the answer is', async () => {
      const { patient, doctor, appointment } = await visit({ disease: 'Gout', disease_code: '90560007' });
      const { appointment_id } = appointment;
      const { body } = await api.get(`/billing?appointment_id=${appointment_id}`, { token: admin });
      expect(body.items).to.have.length(1);
      const { id, ...row } = body.items[0];
      expect(id).to.match(/^B/);
      expect(row).to.deep.equal({
        patient_id: patient.patient_id,
        appointment_id,
        prescription_id: null,
        doctor_id: doctor.doctor_id,
        department_id: doctor.department_id,
        hospital_id: doctor.hospital_id,
        kind: 'consultation',
        disease: 'Gout',
        disease_code: '90560007',
        total_cost: 80.1,
        owed: 80.1,
        due: 94.52,
        created_at: appointment.ended_at,
      });
      expect((await table().where({ id }).first())!.total_cost).to.equal('80.10');
    });

    it('BILL-1: takes the fee of the booking: a later one changes nothing', async () => {
      const { doctor, appointment } = await visit();
      await api.patch(`/doctors/${doctor.doctor_id}`, { token: admin, body: { consultation_fee: 500 } });
      const rows = await table().where({ appointment_id: appointment.appointment_id });
      expect(rows.map(({ total_cost }) => total_cost)).to.deep.equal(['80.10']);
    });

    it('BILL-1: nothing else is billed: booking, checking in, cancelling, a refused step', async () => {
      const { patient_id } = await newPatient(api);
      const made = await Promise.all([1, 2, 3].map(() => api.make.appointment({ patient_id })));
      await api.make.steps(made[0].appointment_id, 'checked_in');
      await api.make.steps(made[1].appointment_id, 'cancelled');
      const path = `/appointments/${made[2].appointment_id}`;
      expectProblem(
        await api.patch(path, { token: admin, body: { status: 'completed' } }),
        409,
        'step_not_allowed',
      );
      expect(await table().where({ patient_id })).to.deep.equal([]);
    });

    it('BILL-5: news that arrives again bills nothing twice', async () => {
      const { appointment } = await visit();
      const outbox = api.system.around.stores.connection.collection('outbox');
      const entry = await outbox.findOne({ 'payload.appointment_id': appointment.appointment_id });
      expect(entry).to.deep.include({ kind: 'appointment.completed', attempts: 1 });
      const payload = entry!['payload'] as AppointmentCompleted;
      const kind = 'appointment.completed' as const;
      const news = (entry_id: string) => ({ entry_id, kind, payload, created_at: new Date() });
      const { consumeCompleted } = api.system.parts.billing;
      // The same entry is taken once; another one about the same visit finds its bill.
      await Promise.all(Array.from({ length: 5 }, () => consumeCompleted(news(String(entry!._id)))));
      await Promise.all(Array.from({ length: 5 }, (_, n) => consumeCompleted(news(`E-again-${n % 2}`))));
      expect(await table().where({ appointment_id: appointment.appointment_id })).to.have.length(1);
    });

    it('BILL-5: a completion while the relay is away is billed when it is back, once', async () => {
      const { parts } = api.system;
      await parts.outboxes.mongodb.stop();
      const { appointment } = await visit().finally(() => parts.start());
      const { appointment_id } = appointment;
      await parts.outboxes.mongodb.drain(50_000);
      await parts.outboxes.mongodb.drain(50_000);
      const rows = await table().where({ appointment_id });
      expect(rows.map(({ created_at }) => created_at.toISOString())).to.deep.equal([appointment.ended_at]);
    });

    it('BILL-5: two who complete at once: one succeeds, one bill', async () => {
      const { appointment_id, date } = await api.make.appointment({
        patient_id: (await newPatient(api)).patient_id,
      });
      await api.make.steps(appointment_id, 'checked_in');
      const complete = () =>
        api.patch(`/appointments/${appointment_id}`, {
          ...{ token: admin, body: { status: 'completed' }, headers: { [timeHeader]: date } },
        });
      const answers = await Promise.all([complete(), complete()]);
      expect(answers.map(({ status }) => status).toSorted()).to.deep.equal([200, 409]);
      await api.system.parts.outboxes.mongodb.drain(50_000);
      expect(await table().where({ appointment_id })).to.have.length(1);
    });
  });

  describe('GET /billing', () => {
    it('BILL-1: a patient sees their own, whatever is asked; a manager all', async () => {
      const { patient, appointment } = await visit();
      const other = await newPatient(api);
      const list = async (token: string, query = '') =>
        (await api.get(`/billing?appointment_id=${appointment.appointment_id}${query}`, { token })).body.items
          .length;
      expect(await list(patient.token)).to.equal(1);
      expect(await list(await api.as('manager'))).to.equal(1);
      expect(await list(other.token)).to.equal(0);
      expect(await list(other.token, `&patient_id=${patient.patient_id}`)).to.equal(0);
      expectProblem(await api.get('/billing'), 401, 'not_signed_in');
      expectProblem(await api.get('/billing', { token: await api.as('doctor') }), 403, 'forbidden');
    });

    it('PAT-8: a manager sees no disease of a person, not by list, by id or by filter', async () => {
      const { patient, appointment } = await visit({ disease: 'Gout', disease_code: '90560007' });
      const manager = await api.as('manager');
      const path = `/billing?appointment_id=${appointment.appointment_id}`;
      const [bill] = (await api.get(path, { token: manager })).body.items;
      const none = { disease: null, disease_code: null };
      expect(bill).to.deep.include({ ...none, patient_id: patient.patient_id });
      expect((await api.get(`/billing/${bill.id}`, { token: manager })).body).to.deep.include(none);
      expectProblem(await api.get('/billing?disease=Gout', { token: manager }), 403, 'forbidden');
      for (const token of [patient.token, admin]) {
        const { items } = (await api.get(`${path}&disease=Gout`, { token })).body;
        expect(items[0]).to.deep.include({ disease: 'Gout', disease_code: '90560007' });
      }
    });

    it('BILL-1: filters by patient, kind, disease, hospital, region and half-open period', async () => {
      const disease = `Disease ${randomUUID()}`;
      const { patient, doctor, appointment } = await visit({ disease });
      const list = async (query: string) =>
        (await api.get(`/billing?disease=${disease}&${query}`, { token: admin })).body.items.length;
      const ended = Date.parse(appointment.ended_at);
      const [then, after] = [ended, ended + 1].map((ms) => new Date(ms).toISOString());
      const hits = [
        '',
        `patient_id=${patient.patient_id}`,
        'kind=consultation',
        `hospital_id=${doctor.hospital_id}`,
        'region=North',
        `from=${then}&to=${after}`,
      ];
      for (const query of hits) expect(await list(query), query).to.equal(1);
      const misses = [
        'patient_id=P-none',
        'kind=prescription',
        'hospital_id=H-none',
        'region=Nowhere',
        `to=${then}`,
        `from=${after}`,
      ];
      for (const query of misses) expect(await list(query), query).to.equal(0);
    });

    it('DOCS-3: pages by cursor, also through rows of one moment; bad parameters are a 400', async () => {
      const { patient_id, token } = await newPatient(api);
      const ids = await importRows(patient_id, 7, () => ({
        created_at: new Date('2020-01-01T00:00:00.123Z'),
      }));
      const seen: string[] = [];
      let cursor = '';
      do {
        const { body } = await api.get(`/billing?limit=2${cursor && `&cursor=${cursor}`}`, { token });
        seen.push(...body.items.map(({ id }: BillingRow) => id));
        cursor = body.next_cursor;
      } while (cursor);
      expect(seen).to.deep.equal(ids.toSorted().toReversed());
      for (const query of ['kind=x', 'limit=0', 'from=x', 'patient_id[$ne]=1', 'total_cost=1'])
        expectProblem(await api.get(`/billing?${query}`, { token }), 400, 'invalid_request');
      const forged = [{ s: 'created_at', v: 'x', i: 'B' }, { s: 'created_at', v: null, i: 'B' }, { s: 'x' }];
      for (const value of forged) {
        const cursor = Buffer.from(JSON.stringify(value)).toString('base64url');
        expectProblem(await api.get(`/billing?cursor=${cursor}`, { token }), 400, 'invalid_cursor');
      }
    });
  });

  describe('GET /billing/{id}', () => {
    it('BILL-1: for the owner, a manager and an admin; for another patient it does not exist', async () => {
      const { patient, appointment } = await visit();
      const { id } = (await table().where({ appointment_id: appointment.appointment_id }).first())!;
      const get = (id: string, token?: string) => api.get(`/billing/${id}`, { token });
      for (const token of [patient.token, await api.as('manager'), admin])
        expect((await get(id, token)).body).to.deep.include({ id, total_cost: 80.1 });
      const stranger = (await newPatient(api)).token;
      const [hidden, missing] = [await get(id, stranger), await get('B-none', stranger)];
      expectSameRefusal(hidden, missing);
      expectProblem(await get(id), 401, 'not_signed_in');
      expectProblem(await get(id, await api.as('doctor')), 403, 'forbidden');
    });
  });

  const rowOf = (patient_id: string, fields: Partial<BillingRow> = {}): BillingRow => ({
    ...{ id: `B-${randomUUID()}`, patient_id, appointment_id: null, prescription_id: null },
    ...{ doctor_id: null, department_id: null, hospital_id: null, kind: 'prescription' as const },
    ...{ disease: 'Gout', disease_code: null, total_cost: money('9999999999.99'), created_at: new Date() },
    ...fields,
  });

  async function importRows(
    patient_id: string,
    count: number,
    fields: () => Partial<BillingRow> = () => ({}),
  ) {
    const rows = Array.from({ length: count }, () => rowOf(patient_id, fields()));
    expect((await api.system.parts.billing.importMany(rows)).stored).to.equal(count);
    return rows.map(({ id }) => id);
  }

  describe('importMany', () => {
    it('INT-2: stores to the cent and to the letter, and a second run changes nothing', async () => {
      const { patient_id } = await newPatient(api);
      const row = rowOf(patient_id, { disease: 'Ménière’s "?" \\ 𝔾 $1 :x ??', total_cost: money('0.01') });
      const { billing } = api.system.parts;
      expect(await billing.importMany([row])).to.deep.equal({ stored: 1, unchanged: 0, rejected: [] });
      expect(await table().where({ id: row.id }).first()).to.deep.include(row);
      const changed = { ...row, total_cost: money('5') };
      expect(await billing.importMany([changed])).to.deep.equal({ stored: 0, unchanged: 1, rejected: [] });
      expect((await table().where({ id: row.id }).first())!.total_cost).to.equal('0.01');
      expect(await billing.importMany([])).to.deep.equal({ stored: 0, unchanged: 0, rejected: [] });
    });

    it('INT-2: a row that can’t be stored is rejected alone, with its reason', async () => {
      const { patient, appointment } = await visit();
      const { patient_id } = patient;
      const { appointment_id } = appointment as { appointment_id: string };
      const good = rowOf(patient_id, { appointment_id });
      const bad: [Partial<BillingRow>, string][] = [
        [{ patient_id: 'P-none' }, 'patient_id names no record'],
        [{ appointment_id: 'A-none' }, 'appointment_id names no record'],
        [{ prescription_id: 'R-none' }, 'prescription_id names no record'],
        [{ total_cost: '-1.00' as never }, 'total_cost is no amount from 0 to 9999999999.99'],
        [{ total_cost: '99999999999.00' as never }, 'total_cost is no amount from 0 to 9999999999.99'],
        [{ total_cost: 'NaN' as never }, 'total_cost is no amount from 0 to 9999999999.99'],
        [{ kind: 'gift' as never }, 'kind is not known'],
        [{ disease: 'a\0b' }, 'it holds a character that cannot be stored'],
        [{ disease: '\ud800' }, 'it holds a character that cannot be stored'],
        [{ created_at: new Date(NaN) }, 'created_at is no time'],
        [{ kind: 'consultation' }, 'a consultation needs its appointment'],
        [{ kind: 'consultation', appointment_id }, 'its appointment is billed already'],
      ];
      const rows = bad.map(([fields]) => rowOf(patient_id, fields));
      const result = await api.system.parts.billing.importMany([...rows, good]);
      expect(result.stored).to.equal(1);
      expect(result.unchanged).to.equal(0);
      const reasons = new Map(result.rejected.map(({ id, reason }) => [id, reason]));
      for (const [i, [, reason]] of bad.entries()) expect(reasons.get(rows[i]!.id)).to.equal(reason);
      const there = await table().whereIn(
        'id',
        rows.map(({ id }) => id),
      );
      expect(there).to.deep.equal([]);
    });

    it('DBA-7: 22,000 rows take seconds, not minutes', async () => {
      const { patient_id } = await newPatient(api);
      const started = Date.now();
      for (let batch = 0; batch < 22; batch++) await importRows(patient_id, 1000);
      expect(Date.now() - started).to.be.below(50_000);
      const { rows } = await api.system.around.stores.knex.raw(
        `select count(*)::int as lines, sum(amount)::text as sum from ledger_entries where patient_id = ?`,
        [patient_id],
      );
      expect(rows).to.deep.equal([{ lines: 44_000, sum: '0.00' }]);
    });
  });
});
