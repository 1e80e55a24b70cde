import { expect } from 'chai';
import { compose } from '../../../src/composition.js';
import { startApi, type TestApi } from '../../support/api.js';
import { expectProblem, newPatient } from '../../support/people.js';
import {
  book,
  busyDoctor,
  cancel,
  entryOf,
  freeSlots,
  join,
  queueOf,
  slotAt,
  statuses,
  sweep,
  theDay,
  noticesOf,
} from './queue.js';

const minute = 60_000;

describe('offers of freed slots', function () {
  this.timeout(60_000);
  let api: TestApi;
  let admin: string;

  before(async () => {
    api = await startApi({ OFFER_MINUTES: '30' });
    admin = await api.as('admin');
  });
  after(() => api?.stop());
  afterEach(() => api.clock.set(undefined));

  describe('a cancelled slot', () => {
    it('BOOK-7: is held for the first who waits, who is told until when', async () => {
      const now = new Date(Date.now() + 1_000);
      const queue = await queueOf(api, 2);
      api.clock.set(now);
      const { doctor_id, booked, patients } = queue;
      await cancel(api, booked[0]!);
      expect(await statuses(api, queue)).to.deep.equal(['offered', 'waiting']);
      const { offer } = await entryOf(api, patients[0]!);
      const expires_at = new Date(now.getTime() + 30 * minute).toISOString();
      expect(offer).to.deep.include({ date: slotAt(0), slot_end: slotAt(1), expires_at });
      const { items } = (await api.get('/notifications', { token: patients[0]!.token })).body;
      expect(items).to.have.length(1);
      expect(items[0].kind).to.equal('waiting_list.offered');
      expect(items[0].body)
        .to.include('Dr Ada Test')
        .and.match(/, 10:00 \(UTC\+00:00\) .* until .* \(UTC\+00:00\)\./);
      expect(await noticesOf(api, patients[1]!)).to.deep.equal([]);
      expect(await freeSlots(api, doctor_id)).to.deep.equal([]);
    });

    it('BOOK-7: is nobody else’s until the offer runs out, not even the next’s', async () => {
      const { doctor_id, booked, patients } = await queueOf(api, 2);
      await cancel(api, booked[0]!);
      const { offer } = await entryOf(api, patients[0]!);
      expectProblem(await book(api, await newPatient(api), doctor_id, slotAt(0)), 409, 'slot_taken');
      expectProblem(await book(api, patients[1]!, doctor_id, slotAt(0)), 409, 'slot_taken');
      const stolen = await book(api, patients[1]!, doctor_id, slotAt(0), offer.hold_id);
      expectProblem(stolen, 404, 'not_found');
      expect((await entryOf(api, patients[0]!)).status).to.equal('offered');
    });

    it('BOOK-7: is booked with the hold of the offer, which ends the waiting', async () => {
      const queue = await queueOf(api, 2);
      const { doctor_id, booked, patients } = queue;
      await cancel(api, booked[0]!);
      const { offer } = await entryOf(api, patients[0]!);
      const { status, body } = await book(api, patients[0]!, doctor_id, offer.date, offer.hold_id);
      expect([status, body.date, body.patient_id]).to.deep.equal([201, slotAt(0), patients[0]!.patient_id]);
      expect(await statuses(api, queue)).to.deep.equal(['booked', 'waiting']);
      api.clock.set(new Date(offer.expires_at));
      await sweep(api);
      expect(await statuses(api, queue)).to.deep.equal(['booked', 'waiting']);
      expect(await noticesOf(api, patients[0]!)).to.deep.equal([
        'waiting_list.offered',
        'appointment.booked',
      ]);
    });

    it('BOOK-7: is simply free when nobody waits', async () => {
      const { doctor_id, booked } = await queueOf(api, 0);
      await cancel(api, booked[0]!);
      expect(await freeSlots(api, doctor_id)).to.deep.equal([slotAt(0)]);
      expect((await book(api, await newPatient(api), doctor_id, slotAt(0))).status).to.equal(201);
    });

    it('BOOK-7: is not offered to who waits for another day or doctor', async () => {
      const { doctor_id, booked, patients } = await queueOf(api, 1);
      const later = slotAt(0, new Date(Date.parse(theDay()) + 86_400_000).toISOString().slice(0, 10));
      const other = await api.make.appointment({ doctor_id, date: later });
      const elsewhere = await queueOf(api, 0);
      await cancel(api, other);
      await cancel(api, elsewhere.booked[0]!);
      expect((await entryOf(api, patients[0]!)).status).to.equal('waiting');
      expect(await freeSlots(api, doctor_id, later.slice(0, 10))).to.deep.equal([later]);
      await cancel(api, booked[0]!);
      expect((await entryOf(api, patients[0]!)).status).to.equal('offered');
    });

    it('BOOK-7: goes past those who need it no more: who left, who is gone, who has another slot of the day', async () => {
      const queue = await queueOf(api, 4, 2);
      const { doctor_id, booked, patients, entries } = queue;
      await api.delete(`/waiting-list/${entries[0]}`, { token: patients[0]!.token });
      const removed = await api.delete(`/patients/${patients[1]!.patient_id}`, { token: admin });
      expect(removed.status).to.equal(204);
      const overbooking = { doctor_id, patient_id: patients[2]!.patient_id, date: slotAt(1) };
      await api.make.appointment({ ...overbooking, overbooking_reason: 'urgent' });
      await cancel(api, booked[0]!);
      const all = await api.get(`/waiting-list?doctor_id=${doctor_id}`, { token: admin });
      expect(all.body.items.map(({ status }: { status: string }) => status)).to.deep.equal([
        'left',
        'left',
        'booked',
        'offered',
      ]);
    });

    it('BOOK-7: is offered to a patient without an account too: the desk sees it', async () => {
      const { doctor_id, booked } = await queueOf(api, 0);
      const { patient_id } = await api.make.patient();
      const body = { doctor_id, day: theDay(), patient_id };
      const { waiting_id } = (await api.post('/waiting-list', { token: admin, body })).body;
      await cancel(api, booked[0]!);
      const { items } = (await api.get(`/waiting-list?doctor_id=${doctor_id}`, { token: admin })).body;
      expect(items[0]).to.include({ waiting_id, status: 'offered' });
    });

    it('BOOK-7: may be given back by moving or removing the appointment as well', async () => {
      const moved = await queueOf(api, 1);
      const later = slotAt(0, new Date(Date.parse(theDay()) + 86_400_000).toISOString().slice(0, 10));
      const { appointment_id } = moved.booked[0]!;
      const answer = await api.post(`/appointments/${appointment_id}/reschedule`, {
        token: admin,
        body: { date: later },
      });
      expect(answer.status).to.equal(200);
      expect(await statuses(api, moved)).to.deep.equal(['offered']);

      const removed = await queueOf(api, 1);
      const gone = await api.delete(`/appointments/${removed.booked[0]!.appointment_id}`, { token: admin });
      expect(gone.status).to.equal(204);
      expect(await statuses(api, removed)).to.deep.equal(['offered']);
    });

    it('BOOK-7: goes by the calendar of the hospital, where the slot of one day is on another in UTC', async () => {
      const { hospital_id } = await api.make.hospital({ time_zone: 'Pacific/Kiritimati' });
      const { department_id } = await api.make.department({ hospital_id });
      const doctor_id = await busyDoctor(api, 1, { department_id });
      // Far enough ahead that the day before is to come there too, at any hour of the test. 10:00 there, 14 hours ahead, is
      // 20:00 of the day before in UTC.
      const there = new Date(Date.parse(theDay()) + 86_400_000).toISOString().slice(0, 10);
      const date = new Date(Date.parse(slotAt(0, there)) - 14 * 60 * minute).toISOString();
      const booked = await api.make.appointment({ doctor_id, date });
      const patient = await newPatient(api);
      expectProblem(await join(api, patient, doctor_id, date.slice(0, 10)), 409, 'slots_are_free');
      expect((await join(api, patient, doctor_id, there)).status).to.equal(201);
      await cancel(api, booked);
      expect((await entryOf(api, patient)).offer.date).to.equal(date);
      const { items } = (await api.get('/notifications', { token: patient.token })).body;
      expect(items[0].body).to.include(', 10:00 (UTC+14:00)');
    });
  });

  describe('an offer that runs out', () => {
    it('BOOK-7: goes to the next at its end, not a moment before, and the one who had it is told', async () => {
      const queue = await queueOf(api, 2);
      const { doctor_id, booked, patients } = queue;
      await cancel(api, booked[0]!);
      const { offer } = await entryOf(api, patients[0]!);
      const end = Date.parse(offer.expires_at);
      api.clock.set(new Date(end - 1));
      await sweep(api);
      expect(await statuses(api, queue)).to.deep.equal(['offered', 'waiting']);
      api.clock.set(new Date(end));
      await sweep(api);
      expect(await statuses(api, queue)).to.deep.equal(['expired', 'offered']);
      expect(await noticesOf(api, patients[0]!)).to.deep.equal([
        'waiting_list.offered',
        'waiting_list.offer_expired',
      ]);
      expect(await noticesOf(api, patients[1]!)).to.deep.equal(['waiting_list.offered']);
      const late = await book(api, patients[0]!, doctor_id, offer.date, offer.hold_id);
      expectProblem(late, 409, 'hold_expired');
      const next = (await entryOf(api, patients[1]!)).offer;
      expect(next.expires_at).to.equal(new Date(end + 30 * minute).toISOString());
      expect((await book(api, patients[1]!, doctor_id, next.date, next.hold_id)).status).to.equal(201);
    });

    it('BOOK-7: leaves the slot free for anybody when nobody else waits', async () => {
      const { doctor_id, booked, patients } = await queueOf(api, 1);
      await cancel(api, booked[0]!);
      const { offer } = await entryOf(api, patients[0]!);
      api.clock.set(new Date(offer.expires_at));
      await sweep(api);
      expect(await freeSlots(api, doctor_id)).to.deep.equal([slotAt(0)]);
      expect((await book(api, await newPatient(api), doctor_id, slotAt(0))).status).to.equal(201);
    });

    it('BOOK-7: whose slot somebody took before the sweep came, goes to nobody: the others wait on', async () => {
      const queue = await queueOf(api, 2);
      const { doctor_id, booked, patients } = queue;
      await cancel(api, booked[0]!);
      const { offer } = await entryOf(api, patients[0]!);
      api.clock.set(new Date(offer.expires_at));
      expect((await book(api, await newPatient(api), doctor_id, slotAt(0))).status).to.equal(201);
      await sweep(api);
      expect(await statuses(api, queue)).to.deep.equal(['expired', 'waiting']);
    });

    it('BOOK-7: ends when the slot begins, at the latest, and is then offered to nobody', async () => {
      const queue = await queueOf(api, 2);
      const start = Date.parse(slotAt(0));
      api.clock.set(new Date(start - 5 * minute));
      await cancel(api, queue.booked[0]!);
      const { offer } = await entryOf(api, queue.patients[0]!);
      expect(offer.expires_at).to.equal(slotAt(0));
      api.clock.set(new Date(start));
      await sweep(api);
      expect(await statuses(api, queue)).to.deep.equal(['expired', 'waiting']);
      api.clock.set(new Date(start + 48 * 60 * minute));
      await sweep(api);
      expect(await statuses(api, queue)).to.deep.equal(['expired', 'expired']);
      expect(await noticesOf(api, queue.patients[1]!)).to.deep.equal([]);
    });

    it('BOOK-7: given up by leaving, goes to the next at once; given up by the last, is free', async () => {
      const queue = await queueOf(api, 2);
      const { doctor_id, booked, patients, entries } = queue;
      await cancel(api, booked[0]!);
      const leave = (n: number) => api.delete(`/waiting-list/${entries[n]}`, { token: patients[n]!.token });
      const { offer } = await entryOf(api, patients[0]!);
      expect((await leave(0)).status).to.equal(204);
      expect(await statuses(api, queue)).to.deep.equal(['left', 'offered']);
      const late = await book(api, patients[0]!, doctor_id, offer.date, offer.hold_id);
      expectProblem(late, 409, 'hold_expired');
      expect((await leave(1)).status).to.equal(204);
      expect(await statuses(api, queue)).to.deep.equal(['left', 'left']);
      expect(await freeSlots(api, doctor_id)).to.deep.equal([slotAt(0)]);
    });

    it('BOOK-7: whose hold is given back goes to the next at once', async () => {
      const queue = await queueOf(api, 2);
      await cancel(api, queue.booked[0]!);
      const [first] = queue.patients;
      const { offer } = await entryOf(api, first!);
      expect((await api.delete(`/holds/${offer.hold_id}`, { token: first!.token })).status).to.equal(204);
      expect(await statuses(api, queue)).to.deep.equal(['left', 'offered']);
      expect((await join(api, first!, queue.doctor_id)).status).to.equal(201);
    });
  });

  describe('at the same moment', () => {
    it('BOOK-7: two cancellations with one who waits: one slot is offered, the other is free', async () => {
      const queue = await queueOf(api, 1, 2);
      await Promise.all(queue.booked.map((appointment) => cancel(api, appointment)));
      expect(await statuses(api, queue)).to.deep.equal(['offered']);
      const { offer } = await entryOf(api, queue.patients[0]!);
      expect([offer.date, ...(await freeSlots(api, queue.doctor_id))].sort()).to.deep.equal([
        slotAt(0),
        slotAt(1),
      ]);
      expect(await noticesOf(api, queue.patients[0]!)).to.deep.equal(['waiting_list.offered']);
    });

    it('BOOK-7: two cancellations with two who wait: each is offered one', async () => {
      const queue = await queueOf(api, 2, 2);
      await Promise.all(queue.booked.map((appointment) => cancel(api, appointment)));
      expect(await statuses(api, queue)).to.deep.equal(['offered', 'offered']);
      const dates = await Promise.all(
        queue.patients.map(async (patient) => (await entryOf(api, patient)).offer.date as string),
      );
      expect(dates.sort()).to.deep.equal([slotAt(0), slotAt(1)]);
    });

    it('BOOK-7: a cancellation and somebody who joins never pass each other by', async () => {
      for (let round = 0; round < 5; round++) {
        const { doctor_id, booked } = await queueOf(api, 0);
        const patient = await newPatient(api);
        const [joined] = await Promise.all([join(api, patient, doctor_id), cancel(api, booked[0]!)]);
        if (joined.status === 201) expect((await entryOf(api, patient)).status).to.equal('offered');
        else expectProblem(joined, 409, 'slots_are_free');
      }
    });

    it('BOOK-7: two systems that sweep end an offer once, and make one to the next', async () => {
      const others = [compose(api.system.around), compose(api.system.around)];
      const queues = [await queueOf(api, 3), await queueOf(api, 3)];
      for (const { booked } of queues) await cancel(api, booked[0]!);
      const { offer } = await entryOf(api, queues[1]!.patients[0]!);
      api.clock.set(new Date(offer.expires_at));
      await Promise.all([sweep(api), ...others.map(({ waitingList }) => waitingList.sweep())]);
      for (const queue of queues) {
        expect(await statuses(api, queue)).to.deep.equal(['expired', 'offered', 'waiting']);
        const told = await Promise.all(queue.patients.map((patient) => noticesOf(api, patient)));
        expect(told).to.deep.equal([
          ['waiting_list.offered', 'waiting_list.offer_expired'],
          ['waiting_list.offered'],
          [],
        ]);
      }
    });

    it('BOOK-7: the last moment of an offer is the patient’s or the next one’s, never both', async () => {
      for (let round = 0; round < 3; round++) {
        const queue = await queueOf(api, 2);
        await cancel(api, queue.booked[0]!);
        const { offer } = await entryOf(api, queue.patients[0]!);
        // The clock of the server that sweeps is a millisecond ahead of the one that books.
        const end = new Date(offer.expires_at);
        api.clock.set(new Date(end.getTime() - 1));
        const ahead = compose({ ...api.system.around, clock: { now: () => end } });
        const [{ status }] = await Promise.all([
          book(api, queue.patients[0]!, queue.doctor_id, offer.date, offer.hold_id),
          ahead.waitingList.sweep(),
        ]);
        const after = await statuses(api, queue);
        expect(after).to.deep.equal(status === 201 ? ['booked', 'waiting'] : ['expired', 'offered']);
        api.clock.set(undefined);
      }
    });
  });
});
