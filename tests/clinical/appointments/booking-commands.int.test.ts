import { expect } from 'chai';
import type { CommandStartedEvent } from 'mongodb';
import { startApi, type TestApi } from '../../support/api.js';
import { expectProblem, newPatient, nthSlot } from '../../support/people.js';
import { stored } from '../../support/stored.js';

/** `find doctors`, `commitTransaction` */
const nameOf = ({ commandName, command }: CommandStartedEvent): string => {
  const collection: unknown = command[commandName];
  return typeof collection === 'string' ? `${commandName} ${collection}` : commandName;
};

describe('POST /appointments, as MongoDB hears of it', () => {
  let api: TestApi;

  before(async () => {
    const uri = process.env['TEST_MONGODB_URI']!;
    api = await startApi({ MONGODB_URI: `${uri}${uri.includes('?') ? '&' : '?'}monitorCommands=true` });
  });
  after(() => api.stop());

  /** What is sent while a booking is made, in its transaction and beside it. */
  async function commandsOf(book: () => Promise<unknown>): Promise<{ inside: string[]; beside: string[] }> {
    const client = api.system.around.stores.connection.getClient();
    const started: CommandStartedEvent[] = [];
    const listen = (event: CommandStartedEvent) => void started.push(event);
    client.on('commandStarted', listen);
    await book();
    client.off('commandStarted', listen);
    const isInside = ({ command }: CommandStartedEvent): boolean => command['autocommit'] === false;
    return {
      inside: started.filter(isInside).map(nameOf),
      beside: started.filter((event) => !isInside(event)).map(nameOf),
    };
  }

  it('BOOK-1: a booking costs these commands, and no more', async () => {
    const { token } = await newPatient(api);
    const { doctor_id } = await api.make.doctor();
    const booked: { inside: string[]; beside: string[] }[] = [];
    for (let n = 0; n < 5; n++) {
      const book = async () => {
        const body = { doctor_id, date: nthSlot(n) };
        expect((await api.post('/appointments', { token, body })).status).to.equal(201);
      };
      booked.push(await commandsOf(book));
    }
    // What works in the background asks too, as the sealing of the trail does: of several bookings, the quietest.
    const [{ inside, beside }] = booked.toSorted(
      (a, b) => a.beside.length + a.inside.length - b.beside.length - b.inside.length,
    ) as [(typeof booked)[number]];
    expect(inside).to.deep.equal([
      'find doctors',
      // The places of the slot, and whether the patient is elsewhere.
      'find slot_claims',
      'update locks',
      'insert slot_claims',
      'insert appointments',
      'findAndModify patients',
      'insert notifications',
      'insert audit_events',
      'commitTransaction',
    ]);
    // Who is behind the token, and the hours and the zone, are known from the booking before.
    expect(beside).to.deep.equal(['findAndModify rate_limits']);
  });

  it('BOOK-1: that there is no such patient is found by the last writes, and undoes the first', async () => {
    const { patient_id } = await api.make.patient();
    const { doctor_id } = await api.make.doctor();
    const token = await api.as('admin');
    const book = (who: string) =>
      api.post('/appointments', { token, body: { doctor_id, date: nthSlot(0), patient_id: who } });
    const before = await stored(api);
    expectProblem(await book('P-none'), 404, 'not_found');
    expect(await stored(api)).to.equal(before);
    expect((await book(patient_id)).status).to.equal(201);
  });
});
