import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { CommandStartedEvent, Document } from 'mongodb';
import { defineReport } from '../../src/domains/reports/engine/reports.definition.js';
import { poll } from '../../src/databases/embedded/processes.js';
import { createNativeEngine } from '../../src/domains/reports/engine/reports.repository.js';
import { createRecordsServing } from '../../src/domains/reports/drilldown/drilldown.serving.js';
import { reportRoutes } from '../../src/domains/reports/engine/reports.routes.js';
import { createMirroredReports } from '../../src/domains/reports/engine/reports.mirrored.js';
import { createReportsService, type ReportsDeps } from '../../src/domains/reports/engine/reports.service.js';
import { createServing } from '../../src/domains/reports/engine/reports.serving.js';
import { createTurns } from '../../src/domains/reports/engine/reports.turns.js';
import { startServer, type RunningServer } from '../../src/http/server.js';
import { integer, withDefault } from '../../src/lib/fields.js';
import { createHttp } from '../../src/serving.js';
import { appointment } from '../aggregations/records.js';
import { openTestSystem } from '../support/api.js';
import { createMake, type Make } from '../support/make.js';

const monitored = (): string => `${process.env['TEST_MONGODB_URI']!}&monitorCommands=true`;

const each = (field: string, expression: Document): Document[] => [
  { $project: { [field]: expression } },
  { $unwind: `$${field}` },
];
/** Minutes of work on one document. */
const endless: Document[] = [
  { $limit: 1 },
  ...each('n', { $range: [0, 100_000] }),
  ...each('m', { $range: [0, 10_000] }),
  { $group: { _id: '$m', count: { $sum: 1 } } },
];

const one = { $limit: 1 };
/** By `n`; the first is held back at the gate. */
const quick: Readonly<Record<number, Document[]>> = { 100: [one], 99: [one, one] };

function held(): { opened: Promise<void>; open: () => void } {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

/** Reports that take as long as they are let. */
const column = { name: 'n', type: 'count', title: 'N', description: 'A number' } as const;
const slow = (store: 'mongodb' | 'postgres') =>
  defineReport<{ n: number }, { n: number }, { rows: { n: number }[] }>()({
    id: `slow-${store}`,
    operationId: `getSlow${store}`,
    version: 1,
    title: 'Takes as long as it is let',
    description: '',
    params: { n: withDefault(integer(0, 100), 0) },
    key: ['n'],
    columns: [column],
    sources: ({ query: { n } }) =>
      store === 'mongodb'
        ? { mongodb: { collection: 'appointments', pipeline: quick[n] ?? endless } }
        : { postgres: { rows: { text: 'select 1 as n, pg_sleep(60)', bindings: [] } } },
    merge: () => ({ rows: [{ n: 1 }], rows_read: { mongodb: 0, postgres: 0 } }),
    mirror: {},
  });

/** One that a mirror would answer, if it were in step. */
const behind = (): ReturnType<typeof slow> => ({
  ...slow('mongodb'),
  ...{ id: 'behind', operationId: 'getBehind' },
  mirror: { mongodb: () => ({ text: 'select 1 as n', bindings: [] }) },
});

/** One whose rows of Postgres a mirror holds. */
const overtaken = (): ReturnType<typeof slow> => ({
  ...slow('mongodb'),
  ...{ id: 'overtaken', operationId: 'getOvertaken' },
  mirror: { of: () => ['postgres'], postgres: () => ({ rows: { text: 'select 1 as n', bindings: [] } }) },
});

describe('the limits of reports', function () {
  this.timeout(150_000);
  let opened: Awaited<ReturnType<typeof openTestSystem>>;
  let server: RunningServer;
  let make: Make;
  let token: string;

  /** Holds back the questions with n=100 until they are let through. */
  const gate = { waiting: 0, ...held() };
  /** Of a report; most tests end it by other means. */
  let limit: 'patient' | 'short' = 'patient';

  before(async () => {
    opened = await openTestSystem({ MONGODB_URI: monitored(), MIRROR_MEGABYTES: '16' });
    const { system } = opened;
    const { connection, knex } = system.around.stores;
    const from = { mode: 'primary', tags: {} } as const;
    const engineOf = (seconds: number) => createNativeEngine(connection, knex, { seconds, from });
    const engines = { short: engineOf(2), patient: engineOf(60) };
    const serviceOf = (deps: Pick<ReportsDeps, 'reports' | 'mirrored' | 'catchingUpSeconds'>) =>
      createReportsService({
        ...deps,
        engine: {
          ...engines.patient,
          async read(sources, options) {
            if (sources.mongodb && sources.mongodb.pipeline.length === 1) await gate.opened;
            return engines[limit].read(sources, options);
          },
        },
        turns: createTurns({ atOnce: 2, inLine: 2, isShared: true }),
        lastWrite: () => undefined,
        clock: {
          now() {
            gate.waiting += 1;
            return opened.clock.now();
          },
        },
        timeZone: 'UTC',
        episodeGapDays: 90,
        currency: 'USD',
        hospitalIdsOf: () => Promise.resolve(undefined),
        existing: {} as never,
        codesOfDisease: () => Promise.resolve([]),
      });
    const { rendering } = system.parts;
    const made = { clock: opened.clock, rendering, nameOf: (id: string) => Promise.resolve(id) };
    const routes = [
      serviceOf({ reports: [slow('mongodb'), slow('postgres')] }),
      // It is not started at first.
      serviceOf({
        reports: [behind(), overtaken()],
        mirrored: createMirroredReports(system.parts.mirror!, createTurns({ atOnce: 2, inLine: 1 })),
        catchingUpSeconds: 1,
      }),
    ].flatMap((service) =>
      reportRoutes({
        ...{ catalogue: service.reports, reports: service.forActors },
        serving: createServing({
          service,
          nameOfPlace: (_kind, id) => Promise.resolve(id),
          goalsOf: () => Promise.resolve(undefined),
          ...made,
        }),
        drills: {} as never,
        records: createRecordsServing(made),
      }),
    );
    const parts = { ...system.parts, routes: [...system.parts.routes, ...routes] };
    server = await startServer(
      createHttp(parts, system.around, () => true),
      { host: '127.0.0.1', port: 0 },
    );
    make = createMake(system, async (method, path, { body, token: as } = {}) => {
      const headers = {
        'content-type': 'application/json',
        ...(as ? { authorization: `Bearer ${as}` } : {}),
      };
      const response = await fetch(`${server.url}/api${path}`, {
        ...{ method, headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, headers: response.headers, body: await response.json() };
    });
    token = await make.token('admin');
    await connection.db!.collection('appointments').insertOne(appointment());
  });
  after(async () => {
    await server.stop();
    await opened.close();
  });

  const stores = () => opened.system.around.stores;
  const ask = (path: string, signal?: AbortSignal, as = token): Promise<Response> =>
    fetch(`${server.url}/api/reports/${path}`, {
      headers: { authorization: `Bearer ${as}` },
      ...(signal ? { signal } : {}),
    });
  const problem = async (response: Response): Promise<{ code: string; detail: string }> =>
    (await response.json()) as never;

  async function running(store: 'mongodb' | 'postgres'): Promise<number> {
    const { connection, knex } = stores();
    if (store === 'postgres') {
      const { rows } = await knex.raw<{ rows: unknown[] }>(
        `select from pg_stat_activity where datname = current_database() and state = 'active' and query like '%pg_sleep(60)%'
         and pid <> pg_backend_pid()`,
      );
      return rows.length;
    }
    const operations = await connection
      .getClient()
      .db('admin')
      .aggregate(
        [{ $currentOp: {} }, { $match: { ns: `${connection.db!.databaseName}.appointments`, active: true } }],
        { readConcern: { level: 'local' } },
      )
      .toArray();
    return operations.length;
  }

  const until = async (isSo: () => Promise<boolean>): Promise<boolean> => (await poll(isSo, 30_000)) ?? false;

  for (const store of ['mongodb', 'postgres'] as const) {
    it(`REP-12: a client that goes away leaves nothing running in ${store}`, async () => {
      const [one, other] = [new AbortController(), new AbortController()];
      const asked = [one, other].map(({ signal }) => ask(`slow-${store}`, signal).catch(() => 'gone'));
      // Both ask the same, so it runs once.
      expect(await until(async () => (await running(store)) === 1)).to.equal(true);
      one.abort();
      expect(await asked[0]).to.equal('gone');
      await sleep(50);
      expect(await running(store)).to.equal(1);
      other.abort();
      expect(await until(async () => (await running(store)) === 0)).to.equal(true);
      await asked[1];
    });

    it(`REP-12: what takes too long in ${store} is stopped, and the answer says what to do`, async () => {
      limit = 'short';
      const response = await ask(`slow-${store}?n=1`).finally(() => (limit = 'patient'));
      expect([
        response.status,
        response.headers.get('retry-after'),
        response.headers.get('etag'),
      ]).to.deep.equal([...[503, '5', null]]);
      const { code, detail } = await problem(response);
      expect([code, detail]).to.deep.equal(['timed_out', 'Narrow the period or add a filter.']);
      expect(await until(async () => (await running(store)) === 0)).to.equal(true);
    });
  }

  it('REP-8: where the mirror is not in step and the records take too long, the answer says that it will be better soon', async () => {
    limit = 'short';
    const response = await ask('behind?n=1').finally(() => (limit = 'patient'));
    expect([response.status, response.headers.get('retry-after')]).to.deep.equal([503, '5']);
    const { code, detail } = await problem(response);
    expect(code).to.equal('figures_behind');
    expect(detail).to.match(/not in step with the records yet.*Try again in a moment/);
    // Where they are not too many, the records answer.
    const answered = await ask('behind?n=99');
    expect(answered.status).to.equal(200);
    const { provenance } = (await answered.json()) as { provenance: { path: string } };
    expect(provenance.path).to.equal('definition');
  });

  it('REP-8: while the mirror catches up, the records are not summed up for long; it answers as soon as it can', async () => {
    const mirror = opened.system.parts.mirror!;
    mirror.start();
    expect(await until(async () => mirror.report().status === 'live')).to.equal(true);
    // Nobody can read what Postgres has written meanwhile.
    const trx = await stores().knex.transaction();
    try {
      await trx.raw('lock table ledger_entries in access exclusive mode');
      // A look of a moment ago would still do.
      expect(await until(async () => mirror.report().lag_seconds! > 0.2)).to.equal(true);
      const refused = await ask('overtaken?n=1');
      expect([refused.status, refused.headers.get('retry-after')]).to.deep.equal([503, '5']);
      expect((await problem(refused)).code).to.equal('figures_behind');
      expect(await until(async () => (await running('mongodb')) === 0)).to.equal(true);
      const asked = ask('overtaken?n=2');
      expect(await until(async () => (await running('mongodb')) === 1)).to.equal(true);
      await trx.rollback();
      const answered = await asked;
      const { provenance } = (await answered.json()) as { provenance?: { path: string } };
      expect([answered.status, provenance?.path]).to.deep.equal([200, 'mirror']);
      expect(await until(async () => (await running('mongodb')) === 0)).to.equal(true);
    } finally {
      if (!trx.isCompleted()) await trx.rollback();
      await mirror.stop();
    }
  });

  it('REP-12: so many run and wait; the next is told to come again, and those who left make room', async () => {
    const { token: other } = await make.account('admin');
    const controller = new AbortController();
    const { signal } = controller;
    const begin = (n: number, as: string) => ask(`slow-mongodb?n=${n}`, signal, as).catch(() => undefined);
    const asked = [begin(1, token), begin(2, token)];
    expect(await until(async () => (await running('mongodb')) === 1)).to.equal(true);
    asked.push(begin(3, other), begin(4, other));
    expect(await until(async () => (await running('mongodb')) === 2)).to.equal(true);
    // One of each user's runs and one waits.
    const refused = await ask('slow-mongodb?n=5');
    expect([refused.status, refused.headers.get('retry-after')]).to.deep.equal([503, '5']);
    expect((await problem(refused)).code).to.equal('busy');
    // The same question as one that runs takes no turn.
    const same = begin(1, token);
    controller.abort();
    await Promise.all([...asked, same]);
    expect(await until(async () => (await running('mongodb')) === 0)).to.equal(true);
  });

  it('REP-9, REP-12: 32 who ask the same at once cost one aggregation', async () => {
    const client = stores().connection.getClient();
    let aggregations = 0;
    const count = ({ commandName, command }: CommandStartedEvent): void => {
      if (commandName === 'aggregate' && command['aggregate'] === 'appointments') aggregations += 1;
    };
    client.on('commandStarted', count);
    try {
      gate.waiting = 0;
      const asked = Array.from({ length: 32 }, () => ask('slow-mongodb?n=100'));
      // The aggregation begins when all of them have come.
      expect(await until(() => Promise.resolve(gate.waiting === 32))).to.equal(true);
      await sleep(50);
      gate.open();
      const answers = await Promise.all(asked);
      const bodies = await Promise.all(answers.map((answer) => answer.text()));
      expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set([200]));
      expect(new Set(bodies).size).to.equal(1);
      expect(aggregations).to.equal(1);
    } finally {
      client.off('commandStarted', count);
      gate.open();
    }
  });
});
