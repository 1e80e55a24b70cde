import { expect } from 'chai';
import type { Answer, Ask, TestApi } from '../../support/api.js';
import { hour, newPatient } from '../../support/people.js';

/* What the tests of money share: somebody with a booking to pay, and the books looked at afterwards. */

export interface Booked {
  readonly appointment_id: string;
  readonly patient_id: string;
  readonly doctor_id: string;
  /** Of the patient. */
  readonly token: string;
  readonly user_id: string;
  readonly date: string;
}

export interface Desk {
  /** A booking of a new patient with a doctor who takes 100.00. */
  booked(fields?: Record<string, unknown>): Promise<Booked>;
  /** Cash, taken by the desk. */
  pay(booking: Pick<Booked, 'appointment_id' | 'token'>, ask?: Ask): Promise<Answer>;
  /** A booking that is paid, and its transaction. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test looks into any answer
  paid(fields?: Record<string, unknown>): Promise<Booked & { transaction_id: string; transaction: any }>;
  /** By an admin for the patient, so long before the visit; or for another reason. What it does to the money is done then. */
  cancel(booking: Booked, how: { hours: number; reason?: string }): Promise<void>;
  refund(transaction_id: string, body: Record<string, unknown>, ask?: Ask): Promise<Answer>;
  /** The ledger's lines, as `account amount`, of a booking and of one kind. */
  lines(appointment_id: string, kind?: string): Promise<string[]>;
  /** What each account of a booking has come to. */
  balances(appointment_id: string): Promise<Record<string, string>>;
  /** What the appointment says of its payment. */
  mark(appointment_id: string): Promise<unknown>;
  /** Nothing is wrong in the books, and they sum to zero. */
  expectRight(): Promise<void>;
}

interface LedgerLine {
  readonly appointment_id: string;
  readonly kind: string;
  readonly account: string;
  readonly amount: string;
}

export async function openDesk(api: TestApi): Promise<Desk> {
  const admin = await api.as('admin');
  const { knex, connection } = api.system.around.stores;
  const doctor_id = (await api.make.doctor({ consultation_fee: 100, slot_capacity: 50 })).doctor_id as string;

  /** Patients with a booking here: what they pay, the desk takes. */
  const comers = new Set<string>();
  const desk: Desk = {
    async booked(fields = {}) {
      const patient = await newPatient(api);
      const { patient_id } = patient;
      const made = await api.make.appointment({ doctor_id, patient_id, ...fields });
      comers.add(patient.token);
      const { appointment_id, date } = made as { appointment_id: string; date: string };
      return { ...patient, appointment_id, date, doctor_id: made.doctor_id as string };
    },

    pay: ({ appointment_id, token }, ask = {}) =>
      api.post(`/transactions/${appointment_id}`, { token: comers.has(token) ? admin : token, ...ask }),

    async paid(fields) {
      const booking = await desk.booked(fields);
      const { status, body } = await desk.pay(booking);
      expect(status, JSON.stringify(body)).to.equal(201);
      return { ...booking, transaction_id: body.transaction_id as string, transaction: body };
    },

    async cancel({ appointment_id, date }, { hours, reason = 'pat' }) {
      api.clock.set(new Date(Date.parse(date) - hours * hour));
      const body = { status: 'cancelled', cancellation_reason: reason };
      // The token of the patient is older than this.
      const { token } = await api.make.account('admin');
      const answer = await api.patch(`/appointments/${appointment_id}`, { token, body });
      expect(answer.status, JSON.stringify(answer.body)).to.equal(200);
      await api.system.parts.outboxes.mongodb.drain(50_000);
      api.clock.set(undefined);
    },

    refund: (transaction_id, body, ask = {}) =>
      api.patch(`/transactions/${transaction_id}`, { token: admin, body, ...ask }),

    async lines(appointment_id, kind) {
      const rows = await knex<LedgerLine>('ledger_entries')
        .where(kind === undefined ? { appointment_id } : { appointment_id, kind })
        .orderBy('entry_number');
      return rows.map(({ account, amount }) => `${account} ${amount}`);
    },

    async balances(appointment_id) {
      const rows = await knex('ledger_entries')
        .where({ appointment_id })
        .groupBy('account')
        .orderBy('account')
        .select('account')
        .sum<{ account: string; sum: string }[]>('amount');
      return Object.fromEntries(
        rows.filter(({ sum }) => sum !== '0.00').map(({ account, sum }) => [account, sum]),
      );
    },

    async mark(appointment_id) {
      const visit = await connection
        .collection<{ _id: string; payment: unknown }>('appointments')
        .findOne({ _id: appointment_id });
      return visit?.payment;
    },

    async expectRight() {
      expect(await api.system.parts.payments.faults()).to.deep.equal([]);
      expect((await api.system.parts.payments.trialBalance()).sum).to.equal('0.00');
    },
  };
  return desk;
}
