import { expect } from 'chai';
import { startApi, type Answer, type TestApi } from '../../support/api.js';
import { timeHeader } from '../../support/make.js';
import { newPatient, nthSlot, tomorrow } from '../../support/people.js';

const times = <T>(count: number, make: (n: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, n) => make(n)));

/** How many of each: `{ 201: 1, 'slot_taken': 29 }`. */
function tally(answers: readonly Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, body } of answers) {
    const outcome = status < 400 ? String(status) : String(body.code);
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
}

describe('at the same moment', () => {
  let api: TestApi;
  let admin: string;
  let patients: string[];

  before(async () => {
    api = await startApi();
    admin = await api.as('admin');
  });
  beforeEach(async () => {
    patients = await times(30, async () => (await api.make.patient()).patient_id as string);
  });
  after(() => api.stop());

  const collection = (name: string) => api.system.around.stores.connection.collection(name);
  const claimsOf = (filter: object) => collection('slot_claims').find(filter).toArray();
  const placesOf = async (doctor_id: string): Promise<number[]> =>
    (await claimsOf({ doctor_id })).map(({ place }) => place as number).toSorted();
  const bookFor = (patient_id: string, doctor_id: string, date: string, more: object = {}) =>
    api.post('/appointments', { token: admin, body: { doctor_id, patient_id, date, ...more } });

  describe('those who come for one slot', () => {
    it('BOOK-4: of 30 who book it one has it, and 29 are told so', async () => {
      for (let round = 0; round < 2; round++) {
        const { doctor_id } = await api.make.doctor();
        const answers = await times(30, (n) => bookFor(patients[n]!, doctor_id, nthSlot(round)));
        expect(tally(answers)).to.deep.equal({ 201: 1, slot_taken: 29 });
        const winner = answers.find(({ status }) => status === 201)!.body;
        const booked = await collection('appointments').find({ doctor_id }).toArray();
        expect(booked.map(({ _id }) => _id)).to.deep.equal([winner.appointment_id]);
        const claims = await claimsOf({ doctor_id });
        expect(claims.map(({ holder_id, place }) => ({ holder_id, place }))).to.deep.equal(
          Array(3).fill({ holder_id: winner.appointment_id, place: 0 }),
        );
      }
    });

    it('BOOK-9: three of 15 have one with three places, each a place of their own', async () => {
      const { doctor_id } = await api.make.doctor({ slot_capacity: 3, slot_minutes: 5 });
      const answers = await times(15, (n) => bookFor(patients[n]!, doctor_id, tomorrow()));
      expect(tally(answers)).to.deep.equal({ 201: 3, slot_taken: 12 });
      expect(await placesOf(doctor_id)).to.deep.equal([0, 1, 2]);
    });

    it('BOOK-9: one of those who hold it and those who book it has it', async () => {
      for (let round = 0; round < 3; round++) {
        const { doctor_id } = await api.make.doctor();
        const answers = await times(10, (n) => {
          const body = { doctor_id, patient_id: patients[n]!, date: nthSlot(round) };
          return api.post(n % 2 === 0 ? '/holds' : '/appointments', { token: admin, body });
        });
        expect(tally(answers)).to.deep.equal({ 201: 1, slot_taken: 9 });
        expect(await placesOf(doctor_id)).to.deep.equal([0, 0, 0]);
      }
    });

    it('BOOK-9: what ran out goes to one of them', async () => {
      const { doctor_id } = await api.make.doctor();
      const held = await api.post('/holds', {
        token: admin,
        body: { doctor_id, patient_id: patients[0], date: tomorrow() },
      });
      api.clock.set(new Date(held.body.expires_at));
      try {
        const answers = await times(10, (n) => bookFor(patients[n]!, doctor_id, tomorrow()));
        expect(tally(answers)).to.deep.equal({ 201: 1, slot_taken: 9 });
        expect(await claimsOf({ holder_id: held.body.hold_id })).to.deep.equal([]);
        expect(await placesOf(doctor_id)).to.deep.equal([0, 0, 0]);
      } finally {
        api.clock.set(undefined);
      }
    });

    it('BOOK-9: a hold is booked once', async () => {
      const { doctor_id } = await api.make.doctor();
      const body = { doctor_id, patient_id: patients[0]!, date: tomorrow() };
      const { hold_id } = (await api.post('/holds', { token: admin, body })).body;
      const answers = await times(6, () => bookFor(patients[0]!, doctor_id, tomorrow(), { hold_id }));
      expect(tally(answers)).to.deep.equal({ 201: 1, hold_expired: 5 });
      expect(await collection('appointments').countDocuments({ doctor_id })).to.equal(1);
    });

    it('BOOK-9: admins who overbook it take a place each', async () => {
      const { doctor_id } = await api.make.doctor({ slot_minutes: 5 });
      const answers = await times(6, (n) =>
        bookFor(patients[n]!, doctor_id, tomorrow(), { overbooking_reason: 'Urgent' }),
      );
      expect(tally(answers)).to.deep.equal({ 201: 6 });
      expect(await placesOf(doctor_id)).to.deep.equal([0, 1, 2, 3, 4, 5]);
      const reasons = answers.map(({ body }) => body.overbooking_reason as string | null);
      expect(reasons.filter((reason) => reason === null)).to.have.length(1);
    });
  });

  describe('those who move and cancel', () => {
    it('BOOK-5: of two who move to one slot one has it, and the other keeps the old one', async () => {
      const { doctor_id } = await api.make.doctor();
      for (let round = 0; round < 4; round++) {
        const slot = (n: number) => nthSlot(round * 3 + n);
        const made = await times(2, async (n) => (await bookFor(patients[n]!, doctor_id, slot(n))).body);
        const answers = await Promise.all(
          made.map(({ appointment_id }) =>
            api.post(`/appointments/${appointment_id}/reschedule`, { token: admin, body: { date: slot(2) } }),
          ),
        );
        expect(tally(answers)).to.deep.equal({ 200: 1, slot_taken: 1 });
        for (const [n, answer] of answers.entries()) {
          const { appointment_id } = made[n];
          const expected = answer.status === 200 ? slot(2) : slot(n);
          const stored = await collection('appointments').findOne({ _id: appointment_id });
          expect(stored!['date'].toISOString()).to.equal(expected);
          expect(stored!['reschedules']).to.have.length(answer.status === 200 ? 1 : 0);
          const claims = await claimsOf({ holder_id: appointment_id });
          expect(claims.map(({ date }) => date.toISOString())).to.deep.equal(Array(3).fill(expected));
        }
      }
    });

    it('BOOK-5: two who swap their slots both keep a slot, and never the same', async () => {
      const { doctor_id } = await api.make.doctor();
      const made = await times(2, async (n) => (await bookFor(patients[n]!, doctor_id, nthSlot(n))).body);
      await Promise.all(
        made.map(({ appointment_id }, n) =>
          api.post(`/appointments/${appointment_id}/reschedule`, {
            token: admin,
            body: { date: nthSlot(1 - n) },
          }),
        ),
      );
      const claims = await claimsOf({ doctor_id });
      expect(claims).to.have.length(6);
      for (const { appointment_id } of made) {
        const { date } = (await collection('appointments').findOne({ _id: appointment_id }))!;
        const own = claims.filter(({ holder_id }) => holder_id === appointment_id);
        expect(own.map((claim) => claim['date'])).to.deep.equal(Array(3).fill(date));
      }
    });

    it('BOOK-8: a move and a cancellation leave a slot only to what is still to come', async () => {
      const { doctor_id } = await api.make.doctor();
      for (let round = 0; round < 4; round++) {
        const { appointment_id } = await api.make.appointment({ doctor_id, patient_id: patients[round] });
        const path = `/appointments/${appointment_id}`;
        const [moved, cancelled] = await Promise.all([
          api.post(`${path}/reschedule`, { token: admin, body: { date: nthSlot(20 + round) } }),
          api.patch(path, { token: admin, body: { status: 'cancelled', cancellation_reason: 'prov' } }),
        ]);
        expect(cancelled.status).to.equal(200);
        expect([200, 409]).to.include(moved.status);
        expect(await claimsOf({ holder_id: appointment_id })).to.deep.equal([]);
      }
    });

    it('BOOK-9: a patient who holds eight slots at once gets three', async () => {
      const { patient_id, token } = await newPatient(api);
      const { doctor_id } = await api.make.doctor();
      const answers = await times(8, (n) =>
        api.post('/holds', { token, body: { doctor_id, date: nthSlot(n) } }),
      );
      expect(tally(answers)).to.deep.equal({ 201: 3, too_many_holds: 5 });
      expect(await claimsOf({ patient_id })).to.have.length(9);
    });
  });

  describe('a booking and a removal', () => {
    it('DOC-2: of the doctor leave no orphan', async () => {
      for (let round = 0; round < 5; round++) {
        const { doctor_id } = await api.make.doctor();
        const [booked, removed] = await Promise.all([
          bookFor(patients[round]!, doctor_id, tomorrow()),
          api.delete(`/doctors/${doctor_id}`, { token: admin }),
        ]);
        expect([booked.status, removed.status]).to.be.deep.oneOf([
          [201, 409],
          [404, 204],
        ]);
      }
    });

    it('PAT-2: of the patient leave no orphan', async () => {
      const { doctor_id } = await api.make.doctor();
      for (let round = 0; round < 5; round++) {
        const { patient_id } = await api.make.patient();
        const [booked, removed] = await Promise.all([
          bookFor(patient_id, doctor_id, nthSlot(round)),
          api.delete(`/patients/${patient_id}`, { token: admin }),
        ]);
        expect([booked.status, removed.status]).to.be.deep.oneOf([
          [201, 409],
          [404, 204],
        ]);
      }
    });

    it('PAT-2: a visit that is completed leaves no way to remove its patient, bill or no bill yet', async () => {
      for (let round = 0; round < 5; round++) {
        const { patient_id } = await api.make.patient();
        const { appointment_id, date } = await api.make.appointment({ patient_id });
        await api.make.steps(appointment_id, 'checked_in');
        const [completed, removed] = await Promise.all([
          api.patch(`/appointments/${appointment_id}`, {
            ...{ token: admin, body: { status: 'completed' }, headers: { [timeHeader]: date } },
          }),
          api.delete(`/patients/${patient_id}`, { token: admin }),
        ]);
        expect([completed.status, removed.status]).to.deep.equal([200, 409]);
      }
    });
  });
});
