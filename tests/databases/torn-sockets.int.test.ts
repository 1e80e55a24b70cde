import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { setDeadlines } from '../../src/databases/deadlines.js';
import { openFeed, type ChangeFeed, type FeedOptions } from '../../src/databases/mirror/stream.js';
import { nowOf } from './mirror/hospital.js';
import { openDesk, type Desk } from '../money/payments/desk.js';
import { startApi, type Answer, type TestApi } from '../support/api.js';
import { actionHeader, hookDrivers, inAction, tearing, type Tear } from '../support/torn-sockets.js';

/** Anyone who asks has an answer by then. A torn socket is noticed at once; the rest is finding the primary again. */
const answeredMs = 20_000;
const isWhole = Boolean(process.env['TEST_LONG']);

interface Action {
  /** Sends the request; the same again when it is repeated. */
  readonly ask: (headers: Record<string, string>) => Promise<Answer>;
  readonly expected: number;
  /** How often what it does was done. */
  readonly effects: () => Promise<number>;
}

describe('sockets that are torn', () => {
  let api: TestApi;
  let desk: Desk;
  let admin: string;
  let doctor_id: string;
  let unhook: () => void;

  before(async () => {
    unhook = hookDrivers();
    api = await startApi({ REPORT_SECONDS: '1' }, (ctx, next) => inAction(ctx.get('x-action'), next));
    desk = await openDesk(api);
    admin = await api.as('admin');
    doctor_id = (await api.make.doctor()).doctor_id as string;
  });

  after(async () => {
    unhook();
    await desk?.expectRight();
    await api?.stop();
  });

  const count = (collection: string, filter: object): Promise<number> =>
    api.system.around.stores.connection.collection(collection).countDocuments(filter);

  let days = 0;
  /** Another one each time: anyone who asks the same is answered together. */
  const newPeriod = (): string => {
    const to = new Date(Date.UTC(2025, 0, 2) + ++days * 86_400_000).toISOString().slice(0, 10);
    return `from=2025-01-01&to=${to}&path=definition`;
  };

  const actions: Readonly<Record<string, () => Promise<Action>>> = {
    async booking() {
      const { patient_id } = await api.make.patient();
      const from = new Date(Date.now() + 86_400_000);
      const to = new Date(from.getTime() + 3 * 86_400_000);
      const [slot] = await api.system.parts.appointments.freeSlots(doctor_id, { from, to });
      const date = slot!.date.toISOString();
      return {
        ask: (headers) =>
          api.post('/appointments', { token: admin, headers, body: { doctor_id, patient_id, date } }),
        expected: 201,
        effects: () => count('appointments', { patient_id }),
      };
    },
    async payment() {
      const booking = await desk.booked();
      return {
        ask: (headers) => desk.pay(booking, { headers }),
        expected: 201,
        effects: async () => (await desk.lines(booking.appointment_id, 'payment')).length / 3,
      };
    },
    async report() {
      const path = `/reports/top-doctors?${newPeriod()}`;
      return {
        ask: (headers) => api.get(path, { token: admin, headers }),
        expected: 200,
        effects: () => Promise.resolve(1),
      };
    },
    async 'report of money'() {
      const path = `/reports/average-prescription-cost?${newPeriod()}`;
      return {
        ask: (headers) => api.get(path, { token: admin, headers }),
        expected: 200,
        effects: () => Promise.resolve(1),
      };
    },
  };

  /** False when the action has fewer commands. */
  async function tearOne(name: string, nth: number, tear: Tear, seen: string[]): Promise<boolean> {
    const { ask, expected, effects } = await actions[name]!();
    const key = { 'Idempotency-Key': randomUUID() };
    const began = performance.now();
    const { result, torn } = await tearing({ nth, tear }, () => ask({ ...key, ...actionHeader() }));
    if (torn === undefined) return false;
    const at = `${name}: ${tear} ${nth}, ${torn}`;
    const ms = performance.now() - began;
    seen.push(`${at}: ${result.status} after ${Math.round(ms)} ms`);
    expect(ms, at).to.be.below(answeredMs);
    expect(result.status, `${at}: ${JSON.stringify(result.body)}`).to.be.oneOf([expected, 503]);
    const again = result.status === 503 ? await ask(key) : result;
    expect(again.status, `${at}, repeated: ${JSON.stringify(again.body)}`).to.equal(expected);
    expect(await effects(), at).to.equal(1);
    return true;
  }

  it('DBA-3: a read is answered though its connections are lost again and again', async () => {
    const { patient_id } = await api.make.patient();
    const path = `/patients/${patient_id as string}`;
    // Who asks is known from here on.
    expect((await api.get(path, { token: admin })).status).to.equal(200);
    const { result, torn } = await tearing({ nth: 1, tear: 'before', times: 3 }, () =>
      api.get(path, { token: admin, headers: actionHeader() }),
    );
    expect(torn).to.equal('find');
    expect(result.status, JSON.stringify(result.body)).to.equal(200);
  });

  let points = 0;

  async function sweep(name: string, tear: Tear, step: number): Promise<void> {
    const seen: string[] = [];
    let nth = 1;
    while (await tearOne(name, nth, tear, seen)) nth += step;
    if (process.env['TEST_TOLD']) process.stderr.write(`${seen.join('\n')}\n`);
    expect(seen).not.to.be.empty;
    points += seen.length;
  }

  for (const name of Object.keys(actions)) {
    for (const tear of ['before', 'broken', 'after'] as const)
      it(`QUAL-5: ${name}: a socket that is ${tear === 'broken' ? 'broken in' : `torn ${tear}`} any of its commands loses nothing and doubles nothing`, async function () {
        this.timeout(300_000);
        await sweep(name, tear, isWhole ? 1 : tear === 'broken' ? 4 : name === 'payment' ? 3 : 1);
      });

    it(`QUAL-5: ${name}: a command that is never answered loses nothing and doubles nothing`, async function () {
      this.timeout(300_000);
      const restore = setDeadlines({ readMs: 1_000, writeMs: 2_000, graceMs: 100 });
      try {
        await sweep(name, 'silent', isWhole ? 1 : 5);
      } finally {
        restore();
      }
    });
  }

  it('QUAL-5: a change stream that is followed tells all, once, wherever it is torn', async () => {
    const { connection } = api.system.around.stores;
    const marks = connection.collection<{ _id: string }>('marks');
    const sources = [{ collection: 'marks', fields: ['_id'] }];
    for (const tear of ['before', 'after'] as const) {
      for (let nth = 1; ; nth += 1) {
        const at = await nowOf(connection);
        const ids = [1, 2, 3, 4].map((n) => `${tear} ${nth} ${n}`);
        await marks.insertMany(ids.map((_id) => ({ _id })));
        const told: string[] = [];
        const { torn } = await tearing({ nth, tear }, async () => {
          let from: FeedOptions['from'] = { at };
          while (told.length < ids.length) {
            const options: FeedOptions = { sources, from, batchSize: 2 };
            const feed: ChangeFeed | undefined = await openFeed(connection, options).catch(() => undefined);
            if (!feed) continue;
            try {
              while (told.length < ids.length) {
                const { events, token } = await feed.next(100);
                told.push(...events.map(({ documentKey }) => documentKey!._id));
                from = { token };
              }
            } catch {
              // Opened again where it was.
            } finally {
              await feed.close();
            }
          }
        });
        expect(told, `${tear} ${nth}`).to.deep.equal(ids);
        if (torn === undefined) break;
        points += 1;
      }
    }
  });

  after(() => process.stderr.write(`${points} points torn, all answered, nothing doubled\n`));
});
