import { expect } from 'chai';
import fc from 'fast-check';
import { poll } from '../../../src/databases/embedded/processes.js';
import { createMirror, type Mirror } from '../../../src/databases/mirror/mirror.js';
import { createLogger } from '../../../src/lib/logger.js';
import { allFees, fees, openFees, type Fees } from './fees.js';
import { openHospital, type Hospital } from './hospital.js';
import { size } from '../../support/size.js';

const patienceMs = 30_000;

describe('rows that Postgres only adds', function () {
  this.timeout(size({ usual: 120_000, long: 1_800_000 }));
  let hospital: Hospital;
  let paid: Fees;
  let knex: Fees['knex'];
  let add: Fees['add'];
  const open: Mirror[] = [];
  let writtenAt: number | undefined;

  before(async () => {
    hospital = await openHospital();
    paid = await openFees();
    ({ knex, add } = paid);
  });
  beforeEach(() => paid.empty());
  afterEach(() => Promise.all(open.splice(0).map((mirror) => mirror.stop())));
  after(async () => {
    await paid.close();
    await hospital.close();
  });

  function start(): Mirror {
    const mirror = createMirror({
      ...{ connection: hospital.connection, knex, memoryMb: 200, threads: 1 },
      tables: { mongodb: [], postgres: [fees] },
      writtenSqlAt: () => writtenAt,
      logger: createLogger(process.env['MIRROR_LOG'] ?? 'silent'),
    });
    open.push(mirror);
    mirror.start();
    return mirror;
  }

  /** As somebody who has written until now. */
  const now = () => ({ time: undefined, heard_at: performance.now() });

  /** As somebody sees them who asks now; null while they are read. */
  async function seen(mirror: Mirror) {
    const standing = await mirror.standing(['postgres'], now(), 2_000);
    const reading = standing && (await mirror.read({ found: allFees }, ['postgres']));
    return reading && { rows: reading.results['found']!.rows, version: reading.standing.postgres.version };
  }
  const isSeen = async (mirror: Mirror): Promise<void> => {
    expect(await poll(async () => (await seen(mirror)) !== null, patienceMs)).to.equal(true);
  };

  const stored = async (): Promise<unknown[]> => {
    const { rows } = await knex.raw<{ rows: { id: string; payer: string | null; cents: string }[] }>(
      'select id, payer, (100 * amount)::bigint as cents from fee order by id',
    );
    return rows.map(({ id, payer, cents }) => ({ fee_id: Number(id), payer, cents: BigInt(cents) }));
  };

  it('REP-8: are all there for whoever asks after they were committed, whatever the order of the commits', async () => {
    const histories = fc.array(
      fc.record({
        rows: fc.integer({ min: 1, max: 4 }),
        /** So many steps later it ends. */
        lasts: fc.nat(4),
        commits: fc.boolean(),
      }),
      { minLength: 3, maxLength: 12 },
    );
    const mirror = start();
    await isSeen(mirror);
    const seed = Math.floor(Math.random() * 2 ** 31);
    const runs = size({ usual: 15, long: 300 });
    for (const [n, steps] of fc.sample(histories, { numRuns: runs, seed }).entries()) {
      const under: { readonly ends: number; readonly end: () => Promise<unknown> }[] = [];
      for (let at = 0; at < steps.length + 5; at += 1) {
        const step = steps[at];
        if (step) {
          const trx = await knex.transaction();
          await add(step.rows, trx);
          const end = step.commits ? () => trx.commit() : () => trx.rollback();
          under.push({ ends: at + step.lasts, end });
        }
        for (const { ends, end } of under) if (ends === at) await end();
        const { rows } = (await seen(mirror))!;
        expect(rows, `seed ${seed}, run ${n}, step ${at}`).to.deep.equal(await stored());
      }
    }
  });

  it('REP-8: are read with those that come meanwhile, and equal versions are equal rows in two processes', async () => {
    await add(45_000);
    const writing = (async () => {
      for (let n = 0; n < 20; n += 1) await add(10);
    })();
    const mirrors = [start(), start()] as const;
    await Promise.all([writing, ...mirrors.map(isSeen)]);
    const [first, second] = await Promise.all(mirrors.map(seen));
    expect(first!.rows).to.have.length(45_200);
    expect(first!.rows).to.deep.equal(await stored());
    expect(second).to.deep.equal(first);
    await add(1);
    const changed = await seen(mirrors[0]);
    expect(changed!.version).to.not.equal(first!.version);
    expect((await seen(mirrors[1]))!.version).to.equal(changed!.version);
  });

  it('REP-8: what the process has committed itself is there for anybody who asks after it', async () => {
    const mirror = start();
    await isSeen(mirror);
    for (let n = 1; n <= 20; n += 1) {
      await add(1);
      writtenAt = performance.now();
      expect(await mirror.standing(['postgres'], undefined, 10_000)).not.to.equal(null);
      const reading = await mirror.read({ found: allFees }, ['postgres']);
      expect(reading!.results['found']!.rows).to.have.length(n);
    }
  });

  it('REP-8: are read anew when somebody has emptied the table', async () => {
    await add(3);
    const mirror = start();
    await isSeen(mirror);
    await knex.raw('truncate fee');
    await add(2);
    const isAnew = async (): Promise<boolean> => (await seen(mirror))?.rows.length === 2;
    expect(await poll(isAnew, patienceMs)).to.equal(true);
    expect((await seen(mirror))!.rows).to.deep.equal(await stored());
  });

  it('REP-8: nothing is answered while Postgres is away, and all that came is there when it is back', async () => {
    const mirror = start();
    await isSeen(mirror);
    await knex.raw('alter table fee rename to gone');
    try {
      expect(await mirror.standing(['postgres'], now(), 1_000)).to.equal(null);
      expect(await mirror.standing(['mongodb', 'postgres'], now(), 1_000)).to.equal(null);
    } finally {
      await knex.raw('alter table gone rename to fee');
    }
    await add(2);
    await isSeen(mirror);
    expect((await seen(mirror))!.rows).to.deep.equal(await stored());
  });
});
