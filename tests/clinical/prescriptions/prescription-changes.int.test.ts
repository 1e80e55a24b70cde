import { expect } from 'chai';
import fc from 'fast-check';
import type { PrescriptionDocument } from '../../../src/domains/clinical/prescriptions/prescriptions.model.js';
import { startApi, type TestApi } from '../../support/api.js';
import { expectProblem, newDoctor, newPatient, summariesOf } from '../../support/people.js';

describe('changing prescriptions', () => {
  let api: TestApi;
  let admin: string;

  before(async () => {
    api = await startApi();
    admin = await api.as('admin');
  });

  after(() => api.stop());

  const prescriptions = () =>
    api.system.around.stores.connection.collection<PrescriptionDocument>('prescriptions');
  const versions = () => api.system.around.stores.connection.collection('prescription_versions');
  const stored = (_id: string) => prescriptions().findOne({ _id });
  const wording = {
    drug: 'Amoxicillin',
    dosage: { value: 500, unit: 'mg' },
    frequency: 'three_times_daily',
    cost: 12.5,
  };

  /** A patient and a doctor with accounts. */
  async function scene() {
    const [patient, doctor] = [await newPatient(api), await newDoctor(api)];
    const ids = { patient_id: patient.patient_id, doctor_id: doctor.doctor_id };
    const post = (fields: Record<string, unknown> = {}, token = doctor.token) =>
      api.post('/prescriptions', { token, body: { ...wording, ...ids, ...fields } });
    return { patient, doctor, ids, post };
  }

  describe('PATCH and DELETE /prescriptions/{prescription_id}', () => {
    it('RX-2: a correction keeps the earlier wording readable, and renews the summary', async () => {
      const { patient, doctor, ids, post } = await scene();
      const { body: before } = await post({ start_date: '2027-01-01' });
      const path = `/prescriptions/${before.prescription_id}`;
      const dosage = { value: 250, unit: 'mg' };
      const { status, body } = await api.patch(path, { token: doctor.token, body: { dosage, cost: 10.05 } });
      expect(status).to.equal(200);
      expect(body).to.deep.include({ dosage, cost: 10.05, drug: 'Amoxicillin', version: 2 });
      expect((await stored(before.prescription_id))!.cost.toString()).to.equal('10.05');
      await api.patch(path, { token: admin, body: { end_date: '2027-01-09' } });
      const { body: kept } = await api.get(`${path}/versions`, { token: patient.token });
      expect(kept.items.map(({ version }: { version: number }) => version)).to.deep.equal([2, 1]);
      expect(kept.items[1]).to.deep.include({ replaced_by: doctor.user_id, prescription: before });
      const kept1 = await versions().findOne({ prescription_id: before.prescription_id, version: 1 });
      expect(String(kept1!['prescription'].cost)).to.equal('12.50');
      expect((await summariesOf(api, ids.patient_id, 'prescriptions'))[0]).to.deep.include({
        cost: 10.05,
        end_date: '2027-01-09',
      });
    });

    it('RX-2: a removed one is gone for the patient, and readable for its prescriber and an admin', async () => {
      const { patient, doctor, ids, post } = await scene();
      const { body: before } = await post();
      const path = `/prescriptions/${before.prescription_id}`;
      expect((await api.delete(path, { token: doctor.token })).status).to.equal(204);
      expect(await stored(before.prescription_id)).to.equal(null);
      expect(await summariesOf(api, ids.patient_id, 'prescriptions')).to.deep.equal([]);
      expectProblem(await api.get(path, { token: admin }), 404, 'not_found');
      for (const token of [doctor.token, admin]) {
        const { body } = await api.get(`${path}/versions`, { token });
        expect(body.items.map(({ prescription }: { prescription: unknown }) => prescription)).to.deep.equal([
          before,
        ]);
      }
      for (const token of [patient.token, (await newDoctor(api)).token, (await newPatient(api)).token])
        expectProblem(await api.get(`${path}/versions`, { token }), 404, 'not_found');
      expectProblem(await api.delete(path, { token: doctor.token }), 404, 'not_found');
    });

    it('RX-2: only by the prescriber or an admin', async () => {
      const { patient, ids, post } = await scene();
      const { prescription_id } = (await post()).body;
      const path = `/prescriptions/${prescription_id}`;
      // PAT-8: to a doctor who does not treat the patient there is no such prescription.
      const other = await newDoctor(api);
      const change = { token: other.token, body: { cost: 1 } };
      expectProblem(await api.patch(path, change), 404, 'not_found');
      await api.make.appointment({ patient_id: ids.patient_id, doctor_id: other.doctor_id });
      for (const token of [patient.token, other.token, await api.as('manager')]) {
        expectProblem(await api.patch(path, { token, body: { cost: 1 } }), 403, 'forbidden');
        expectProblem(await api.delete(path, { token }), 403, 'forbidden');
      }
      expectProblem(await api.patch(path, { body: { cost: 1 } }), 401, 'not_signed_in');
      expectProblem(await api.delete(path), 401, 'not_signed_in');
      expectProblem(await api.delete('/prescriptions/R-none', { token: admin }), 404, 'not_found');
      expectProblem(
        await api.patch('/prescriptions/R-none', { token: admin, body: { cost: 1 } }),
        404,
        'not_found',
      );
      expect(await stored(prescription_id)).to.deep.include({ version: 1, patient_id: ids.patient_id });
      expect(await versions().countDocuments({ prescription_id })).to.equal(0);
    });

    it('RX-2: refuses a wrong correction, and keeps no version of it', async () => {
      const { doctor, post } = await scene();
      const { prescription_id } = (await post({ start_date: '2027-01-05' })).body;
      const patch = (body: unknown, headers = {}) =>
        api.patch(`/prescriptions/${prescription_id}`, { token: doctor.token, body, headers });
      const early = await patch({ end_date: '2027-01-04' });
      expectProblem(early, 400, 'invalid_request');
      expect(early.body.errors[0].pointer).to.equal('/body/end_date');
      for (const body of [
        {},
        { patient_id: 'P2' },
        { dosage: null },
        { cost: '1' },
        { frequency: { $ne: 1 } },
      ])
        expectProblem(await patch(body), 400, 'invalid_request');
      expectProblem(await patch({ cost: 1 }, { 'if-match': '"v2"' }), 412, 'stale_version');
      expect(await stored(prescription_id)).to.deep.include({ version: 1, end_date: null });
      expect(await versions().countDocuments({ prescription_id })).to.equal(0);
    });
  });

  describe('the summaries in the patient’s record', () => {
    it('PAT-1: are the newest 20 after any history of prescribing, correcting and removing (property)', async () => {
      const step = fc.oneof(
        { weight: 4, arbitrary: fc.record({ op: fc.constant('write' as const), cents: fc.nat(100_000) }) },
        fc.record({ op: fc.constantFrom('correct' as const, 'remove' as const), nth: fc.nat(40) }),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 40 }), async (steps) => {
          const { doctor, ids, post } = await scene();
          const made: string[] = [];
          for (const step of steps) {
            if (step.op === 'write') {
              made.push((await post({ cost: step.cents / 100 })).body.prescription_id);
              continue;
            }
            const path = `/prescriptions/${made[step.nth % Math.max(made.length, 1)] ?? 'R-none'}`;
            if (step.op === 'remove') await api.delete(path, { token: doctor.token });
            else await api.patch(path, { token: doctor.token, body: { drug: `Corrected ${step.nth}` } });
          }
          const newest = await prescriptions()
            .find({ patient_id: ids.patient_id })
            .sort({ created_at: -1, _id: -1 })
            .limit(20)
            .toArray();
          const expected = newest.map(({ _id, doctor_id, drug, cost, disease, start_date, end_date }) => {
            const summary = { prescription_id: _id, doctor_id, drug, cost: Number(cost), disease };
            return { ...summary, start_date, end_date };
          });
          expect(await summariesOf(api, ids.patient_id, 'prescriptions')).to.deep.equal(expected);
        }),
        { numRuns: 3 },
      );
    });
  });
});
