import { expect } from 'chai';
import type { CommandStartedEvent } from 'mongodb';
import { roles, type Actor, type Role } from '../../src/lib/actor.js';
import { mayUse, type Permission } from '../../src/lib/permissions.js';
import { openDesk } from '../money/payments/desk.js';
import { startApi, type TestApi } from '../support/api.js';

const actor = (role: Role, links: Partial<Actor> = {}): Actor => ({
  ...{ user_id: `U-${role}`, session_id: 'S1', role, patient_id: null, doctor_id: null, ...links },
});

type Call = (who: Actor, id: string) => unknown;
const page = { limit: 10, cursor: undefined };
const key = 'none-such';

describe('the public doors, without a route before them', () => {
  let api: TestApi;

  before(async () => {
    const uri = process.env['TEST_MONGODB_URI']!;
    api = await startApi({ MONGODB_URI: `${uri}${uri.includes('?') ? '&' : '?'}monitorCommands=true` });
  });
  after(() => api.stop());

  /** `nothing`, the code of the refusal, or `something`. */
  async function outcomeOf(work: () => unknown): Promise<string> {
    try {
      const { items } = ((await work()) ?? {}) as { items?: readonly unknown[] };
      return items?.length === 0 ? 'nothing' : 'something';
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === undefined) throw error;
      return code;
    }
  }

  it('PAT-2, BOOK-5, RX-2, BILL-1, BILL-2: refuse a role that the route would refuse, whatever ids it carries', async () => {
    const desk = await openDesk(api);
    const { appointment_id, patient_id, doctor_id, transaction_id } = await desk.paid();
    const { prescription_id } = (await api.make.prescription({ patient_id, doctor_id })) as never;
    const { patients, appointments, waitingList, prescriptions, billing, payments } = api.system.parts;
    const calls: readonly [Permission, (who: Actor) => unknown][] = [
      ['patients:list', (who) => patients.forActors.list(who, { ...page, sort: 'name' } as never)],
      ['patients:create', (who) => patients.forActors.create(who, { name: 'Pat', age: 4 })],
      ['patients:read', (who) => patients.forActors.get(who, patient_id)],
      ['patients:update', (who) => patients.forActors.update(who, patient_id, { name: 'Mine' })],
      ['patients:delete', (who) => patients.forActors.remove(who, patient_id)],
      ['appointments:create', (who) => appointments.forActors.hold(who, { doctor_id, patient_id, date: '' })],
      ['appointments:read', (who) => appointments.forActors.list(who, { ...page, sort: '-date' } as never)],
      ['appointments:read', (who) => appointments.forActors.get(who, appointment_id)],
      ['appointments:update', (who) => appointments.forActors.update(who, appointment_id, {})],
      ['appointments:delete', (who) => appointments.forActors.remove(who, appointment_id)],
      ['waiting-list:read', (who) => waitingList.forActors.list(who, page)],
      ['prescriptions:read', (who) => prescriptions.forActors.list(who, page)],
      ['prescriptions:read', (who) => prescriptions.forActors.get(who, prescription_id)],
      ['prescriptions:update', (who) => prescriptions.forActors.remove(who, prescription_id)],
      ['billing:read', (who) => billing.forActors.list(who, page)],
      ['transactions:pay', (who) => payments.forActors.pay(who, appointment_id, { payment_method: 'card' })],
      ['transactions:read', (who) => payments.forActors.list(who, page)],
      ['transactions:read', (who) => payments.forActors.receipt(who, transaction_id)],
      ['transactions:refund', (who) => payments.forActors.refund(who, transaction_id, { reason: 'Mine' })],
      ['transactions:refund', (who) => payments.forActors.approve(who, key)],
      ['transactions:refund', (who) => payments.forActors.reject(who, key, null)],
      ['transactions:refund', (who) => payments.forActors.void(who, transaction_id)],
      ['transactions:refund', (who) => payments.forActors.listRefunds(who, page)],
      ['ledger:read', (who) => payments.forActors.trialBalance(who)],
    ];
    for (const [permission, call] of calls)
      for (const role of roles.filter((one) => !mayUse(one, permission))) {
        // A doctor who has the visit is still no patient, and a manager with a patient's id none either.
        const who = actor(role, role === 'doctor' ? { doctor_id } : { patient_id });
        const outcome = await outcomeOf(() => call(who));
        expect(outcome, `${permission} ${role} ${call.toString()}`).to.be.oneOf([
          ...['forbidden', 'not_found', 'nothing', 'step_not_allowed'],
        ]);
      }
    await desk.expectRight();
    expect((await appointments.find(appointment_id))?.status).to.equal('scheduled');
  });

  /** How much is asked of the stores; what works in the background asks too, so of several times the quietest. */
  async function questionsOf(work: () => Promise<unknown>): Promise<number> {
    const { connection, knex } = api.system.around.stores;
    const client = connection.getClient();
    let least = Infinity;
    for (let n = 0; n < 5; n++) {
      let asked = 0;
      const listen = (event: CommandStartedEvent | object): void => {
        if (!('commandName' in event) || event.commandName !== 'hello') asked += 1;
      };
      client.on('commandStarted', listen);
      knex.on('query', listen);
      await work();
      client.off('commandStarted', listen);
      knex.removeListener('query', listen);
      least = Math.min(least, asked);
    }
    return least;
  }

  it('PAT-5: another patient’s record costs as much as none, so that time tells nothing', async () => {
    const desk = await openDesk(api);
    const theirs = await desk.paid();
    const { patient_id, doctor_id, appointment_id, transaction_id } = theirs;
    const { prescription_id } = (await api.make.prescription({ patient_id, doctor_id })) as never;
    const { body: refunded } = await desk.refund(transaction_id, { reason: 'Because', amount: 1 });
    const { refund_id } = refunded.refunds[0];
    expect(refund_id).to.be.a('string');
    const { status, body: held } = await api.post('/holds', {
      token: theirs.token,
      body: { doctor_id, date: (await api.make.appointment({ doctor_id })).date },
    });
    expect(status).to.equal(201);
    const { patients, appointments, prescriptions, payments } = api.system.parts;
    const calls: readonly [string, Call][] = [
      [patient_id, (who, id) => patients.forActors.get(who, id)],
      [patient_id, (who, id) => patients.forActors.update(who, id, { name: 'Mine' })],
      [appointment_id, (who, id) => appointments.forActors.get(who, id)],
      [appointment_id, (who, id) => appointments.forActors.update(who, id, { reason: 'Mine' })],
      [appointment_id, (who, id) => appointments.forActors.remove(who, id)],
      [appointment_id, (who, id) => payments.forActors.pay(who, id, { payment_method: 'card' })],
      [held.hold_id, (who, id) => appointments.forActors.getHold(who, id)],
      [held.hold_id, (who, id) => appointments.forActors.release(who, id)],
      [prescription_id, (who, id) => prescriptions.forActors.get(who, id)],
      [prescription_id, (who, id) => prescriptions.forActors.listVersions(who, id, page)],
      [transaction_id, (who, id) => payments.forActors.get(who, id)],
      [transaction_id, (who, id) => payments.forActors.invoice(who, id)],
      [refund_id, (who, id) => payments.forActors.creditNote(who, id)],
    ];
    const who = actor('patient', { patient_id: (await desk.booked()).patient_id });
    for (const [id, call] of calls) {
      const ask = async (one: string): Promise<void> =>
        expect(await outcomeOf(() => call(who, one)), call.toString()).to.equal('not_found') as never;
      const [another, none] = [await questionsOf(() => ask(id)), await questionsOf(() => ask('none-such'))];
      expect(another, call.toString()).to.equal(none);
    }
  });
});
