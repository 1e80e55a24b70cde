import { isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import { MongoClient } from 'mongodb';
import { handOvers, type HandOver } from '../../src/contracts/hand-overs.js';
import { modules, type ModuleName } from '../../src/contracts/modules.js';
import { admin, startApiProcess, type ApiProcess } from '../../scripts/api-process.js';
import { poll } from '../../src/databases/embedded/processes.js';
import { createTestDatabase, openTestSystem } from '../support/api.js';
import { nthSlot } from '../support/people.js';
import { runTour } from '../support/tour.js';
import { startProxy, type Proxy, type Served } from './proxy.js';

/* Real processes, each with modules of its own, and a proxy in front of them that routes by path. */

const password = 'Correct-Horse-9-Battery';

async function listRoutes(): Promise<Served[]> {
  const { system, close } = await openTestSystem();
  const routes = modules.flatMap((module) =>
    system.parts.routesOf(module).map(({ method, path }) => ({ method, path, module })),
  );
  await close();
  return routes;
}

/** JSON to the API and back; throws when the status is another. */
async function ask(
  url: string,
  status: number,
  [method, path]: readonly [string, string],
  { token, body }: { token?: string; body?: unknown } = {},
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test looks into any answer
): Promise<any> {
  const answer = await fetch(`${url}/api${path}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  expect(answer.status, `${method} ${path}: ${text}`).equal(status);
  return text === '' ? undefined : JSON.parse(text);
}

/** A write waits 2 s for what another module makes of it, no longer: on a busy machine that comes later. */
async function becomes(read: () => Promise<unknown>, expected: unknown, what: string): Promise<void> {
  await poll(async () => isDeepStrictEqual(await read(), expected), 60_000, 100);
  expect(await read(), what).deep.equal(expected);
}

/** From a hospital that opens to a refund and a bill: each step reads what the one before it wrote, in another module. `begin`: the visit
 * has begun. */
async function liveThrough(url: string, begin: (appointment_id: string) => Promise<void>): Promise<void> {
  const signIn = async (email: string): Promise<string> =>
    (await ask(url, 200, ['POST', '/auth/login'], { body: { email, password } })).access_token;
  const token = await signIn(admin.email);
  const hospital = { name: 'Split', region: 'X', time_zone: 'UTC', location: null, address: null };
  const { hospital_id } = await ask(url, 201, ['POST', '/hospitals'], { token, body: hospital });
  const hours = { operating_start_hour: '08:00', operating_end_hour: '20:00' };
  const department = { hospital_id, department_name: 'Medicine', ...hours };
  const { department_id } = await ask(url, 201, ['POST', '/departments'], { token, body: department });
  const windows = [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, start: '08:00', end: '20:00' }));
  const { doctor_id } = await ask(url, 201, ['POST', '/doctors'], {
    token,
    body: {
      ...{ name: 'Dr Split', specialty: 'Medicine', department_id, registration_number: 'R-split' },
      ...{
        registration_expiry: '2040-01-01',
        consultation_fee: 100,
        availability: windows,
        slot_minutes: 15,
      },
    },
  });
  const email = 'pat@split.example';
  const person = { name: 'Pat Split', email, password, date_of_birth: '1990-01-01' };
  const { access_token: own, user } = await ask(url, 201, ['POST', '/auth/register'], { body: person });
  const book = (n: number) =>
    ask(url, 201, ['POST', '/appointments'], { token: own, body: { doctor_id, date: nthSlot(n) } });
  const [first, second] = [await book(0), await book(70)];
  const pay = ({ appointment_id }: { appointment_id: string }) =>
    ask(url, 201, ['POST', `/transactions/${appointment_id}`], {
      token,
      body: { payment_method: 'cash' },
    });
  await pay(first);
  await pay(second);
  const paymentOf = async (id: string) =>
    (await ask(url, 200, ['GET', `/appointments/${id}`], { token: own })).payment?.status;
  await becomes(() => paymentOf(first.appointment_id), 'paid', 'money → clinical');
  const cancelled = { status: 'cancelled', cancellation_reason: 'pat' };
  await ask(url, 200, ['PATCH', `/appointments/${second.appointment_id}`], { token: own, body: cancelled });
  const statusOf = async (id: string) => {
    const { items } = await ask(url, 200, ['GET', '/transactions'], { token: own });
    return items.find((one: { booking: { appointment_id: string } }) => one.booking.appointment_id === id)
      .status;
  };
  await becomes(() => statusOf(second.appointment_id), 'refunded', 'clinical → money');
  await begin(first.appointment_id);
  for (const status of ['checked_in', 'completed'])
    await ask(url, 200, ['PATCH', `/appointments/${first.appointment_id}`], { token, body: { status } });
  const bills = async () => {
    const { items } = await ask(url, 200, ['GET', '/billing'], { token: own });
    return items.map((bill: { total_cost: number }) => bill.total_cost);
  };
  await becomes(bills, [100], 'clinical → billing');
  const kinds = ['appointment.booked', 'payment.paid', 'appointment.cancelled', 'payment.refunded'];
  const toldOf = async () => {
    const { items } = await ask(url, 200, ['GET', '/notifications?limit=50'], { token: own });
    const told = new Set(items.map((notice: { kind: string }) => notice.kind));
    return kinds.filter((kind) => told.has(kind));
  };
  await becomes(toldOf, kinds, 'money and clinical → messages');
  expect(user.email).equal(email);
}

describe('modules', function () {
  this.timeout(300_000);
  const stopping = AbortSignal.timeout(900_000);
  let routes: Served[];
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let processes: ApiProcess[] = [];
  let proxy: Proxy | undefined;

  const start = (names: readonly ModuleName[]): Promise<ApiProcess> =>
    startApiProcess(
      {
        mongodbUri: process.env['TEST_MONGODB_URI']!.replace(/\/(?=\?|$)/, `/${database.name}`),
        postgresUri: database.uri,
        dataDir: '/',
      },
      { signal: stopping, settings: { ...secrets, MODULES: names.join(',') } },
    );
  const secrets = { JWT_SECRET: 'one secret for all processes of a network' };

  before(async () => void (routes = await listRoutes()));
  beforeEach(async () => void (database = await createTestDatabase(process.env['TEST_POSTGRES_TEMPLATE'])));
  afterEach(async () => {
    await proxy?.close();
    await Promise.all(processes.map((one) => one.stop()));
    proxy = undefined;
    processes = [];
    await database.drop();
  });

  /** One process for each list of modules, and their proxy. */
  async function serve(...split: readonly (readonly ModuleName[])[]): Promise<string> {
    processes = await Promise.all(split.map(start));
    proxy = await startProxy(
      routes,
      (module) => processes[split.findIndex((names) => names.includes(module))]!.url,
    );
    return proxy.url;
  }

  const ready = async (url: string) =>
    (await fetch(`${url}/readyz`)).json() as Promise<Record<string, unknown>>;
  const splits: readonly (readonly (readonly ModuleName[])[])[] = [
    [modules],
    [
      ['identity', 'network', 'clinical', 'exchange'],
      ['money', 'messages', 'reports'],
    ],
  ];

  for (const split of splits) {
    it(`QUAL-2: ${split.length} process(es) behind a proxy pass the tour, and a visit from booking to refund`, async () => {
      const url = await serve(...split);
      const { failures, requests } = await runTour(url, admin);
      expect(failures).deep.equal([]);
      expect(requests).to.have.length(10);
      await liveThrough(url, async (appointment_id) => {
        const client = await MongoClient.connect(process.env['TEST_MONGODB_URI']!);
        await client
          .db(database.name)
          .collection('appointments')
          .updateOne({ _id: appointment_id as never }, { $set: { date: new Date(Date.now() - 60_000) } });
        await client.close();
      });
      for (const one of processes) {
        one.assertAlive();
        expect(one.faults).deep.equal({});
        expect((await ready(one.url))['unattended_hand_overs']).deep.equal([]);
      }
      if (split.length > 1) expect(proxy!.passed.reports).greaterThan(3);
    });
  }

  it('QUAL-2: a process serves its own modules only, and /readyz names hand-overs that nobody applies', async () => {
    const [one] = (processes = [await start(['clinical', 'network'])]);
    const status = async (path: string): Promise<number> => (await fetch(`${one!.url}/api${path}`)).status;
    expect(await status('/hospitals')).equal(200);
    expect(await status('/patients')).equal(401);
    expect([await status('/reports/top-doctors'), await status('/billing')]).deep.equal([404, 404]);
    const page = async (path: string): Promise<number> => (await fetch(one!.url + path)).status;
    expect([await page('/book'), await page('/sign-in')]).deep.equal([200, 404]);
    const missing = (Object.keys(handOvers) as HandOver[]).filter(
      (name) => !['clinical', 'network'].includes(handOvers[name].module),
    );
    const said = await ready(one!.url);
    expect(said['modules']).deep.equal(['network', 'clinical']);
    expect(said['unattended_hand_overs']).deep.equal(missing);
  });
});
