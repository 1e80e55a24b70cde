import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { pino } from 'pino';
import { poll } from '../../../src/databases/embedded/processes.js';
import { createMirror, type Mirror } from '../../../src/databases/mirror/mirror.js';
import type { CollectionTable } from '../../../src/databases/mirror/mirror.types.js';
import { clusterTime } from '../../../src/databases/mongo/write-times.js';
import { size } from '../../support/size.js';
import { allFees, fees, openFees, type Fees } from './fees.js';
import { openHospital, type Hospital } from './hospital.js';
import { allDoses, allVisits, doses, history, play, visits, visitsOf } from './visits.js';

const questions = { visits: allVisits, doses: allDoses, fees: allFees };
const patienceMs = 60_000;

describe('the snapshot of a mirror', function () {
  this.timeout(size({ usual: 180_000, long: 1_800_000 }));
  let hospital: Hospital;
  let paid: Fees;
  let dataDir: string;
  let said: string[] = [];
  const open: Mirror[] = [];

  before(async () => {
    hospital = await openHospital();
    paid = await openFees();
  });
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'snapshot-'));
    said = [];
    await visitsOf(hospital.connection).deleteMany({});
    await paid.empty();
    await visitsOf(hospital.connection).insertMany([
      { _id: 'V1', status: 'unmistakable', minutes: 1, doses: [{ drug: 'Secretol', amount: 2 }] },
      { _id: 'V2', status: null, doses: null },
    ]);
    await paid.add(3);
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((mirror) => mirror.stop()));
    await rm(dataDir, { recursive: true, force: true });
  });
  after(async () => {
    await paid.close();
    await hospital.close();
  });

  function start(mongodb: readonly CollectionTable[] = [visits, doses], zone = 'UTC'): Mirror {
    const logger = pino({ level: 'debug' }, { write: (line: string) => void said.push(line) });
    const mirror = createMirror({
      ...{ connection: hospital.connection, knex: paid.knex, memoryMb: 200, threads: 1, logger },
      tables: { mongodb, postgres: [fees] },
      snapshot: { dataDir, minutes: 1_000, zone },
    });
    open.push(mirror);
    mirror.start();
    return mirror;
  }

  const hasSaid = (words: string): boolean => said.some((line) => line.includes(words));

  /** All rows, with everything that was written so far. */
  async function rowsOf(mirror: Mirror) {
    const now = await clusterTime(hospital.connection);
    const reading = await poll(async () => {
      if (
        (await mirror.standing(
          ['mongodb', 'postgres'],
          { time: now, heard_at: performance.now() },
          2_000,
        )) === null
      )
        return undefined;
      return (await mirror.read(questions, ['mongodb', 'postgres'])) ?? undefined;
    }, patienceMs);
    expect(reading, said.join('')).not.to.equal(undefined);
    return Object.fromEntries(Object.entries(reading!.results).map(([name, { rows }]) => [name, rows]));
  }

  /** Of a mirror that has read all records, and keeps no snapshot. */
  async function wanted() {
    const mirror = createMirror({
      ...{ connection: hospital.connection, knex: paid.knex, memoryMb: 200, threads: 1 },
      ...{ tables: { mongodb: [visits, doses], postgres: [fees] }, logger: pino({ level: 'silent' }) },
    });
    open.push(mirror);
    mirror.start();
    return rowsOf(mirror);
  }

  /** What a mirror of a process that ends has left. */
  async function saved(): Promise<string> {
    const mirror = start();
    await rowsOf(mirror);
    expect(await poll(() => Promise.resolve(hasSaid('has saved its snapshot')), patienceMs)).to.equal(true);
    await mirror.stop();
    const names = await readdir(join(dataDir, 'mirror'));
    expect(names).to.have.length(1);
    said = [];
    return join(dataDir, 'mirror', names[0]!);
  }

  it('REP-9: a start goes on from it, and reads none of the records again; what was written meanwhile is there', async () => {
    await saved();
    const seed = Math.floor(Math.random() * 2 ** 31);
    const runs = size({ usual: 5, long: 100 });
    for (const [n, steps] of fc.sample(history, { numRuns: runs, seed }).entries()) {
      await play(hospital.connection, steps);
      await paid.add(2);
      expect(await rowsOf(start()), `seed ${seed}, run ${n}`).to.deep.equal(await wanted());
      await Promise.all(open.splice(0).map((mirror) => mirror.stop()));
      expect(said.filter((line) => line.includes('has read its snapshot'))).to.have.length(n + 1);
    }
    expect(hasSaid('has read the documents')).to.equal(false);
    expect(hasSaid('has read the rows of Postgres')).to.equal(false);
  });

  it('SEC-9: nothing of a record is in the clear, and nobody but its owner may read it', async () => {
    await visitsOf(hospital.connection).insertOne({ _id: 'VISIT-IN-THE-CLEAR' });
    const file = await saved();
    const bytes = await readFile(file);
    // Words of eight bytes and more: two, such as "P1", stand in 20 kB of sealed bytes by chance.
    for (const word of ['unmistakable', 'Secretol', 'VISIT-IN-THE-CLEAR'])
      expect(bytes.includes(word), word).to.equal(false);
    expect((await stat(file)).mode & 0o077).to.equal(0);
  });

  async function isReadAnew(why: string | RegExp): Promise<void> {
    expect(await rowsOf(start())).to.deep.equal(await wanted());
    expect(hasSaid('cannot be used: all records are read anew'), said.join('')).to.equal(true);
    expect(said.join('')).to.match(new RegExp(why));
    expect(hasSaid('has read the documents')).to.equal(true);
  }

  for (const [what, spoil, why] of [
    ['that is cut off', (bytes: Buffer) => bytes.subarray(0, -100), 'cut off|changed'],
    ['that ends after a frame', (bytes: Buffer) => bytes.subarray(0, 20 + bytes.readUInt32LE(16)), 'changed'],
    ['that is empty', () => Buffer.alloc(0), 'cut off'],
    ['of which a byte was changed', (bytes: Buffer) => bytes.fill(bytes[200]! ^ 1, 200, 201), 'changed'],
    [
      'that is something else',
      () => Buffer.from('no snapshot at all, but some text'),
      'no such file|cut off',
    ],
  ] as const)
    it(`REP-8: a file ${what} is named, and all records are read`, async () => {
      const file = await saved();
      await writeFile(file, spoil(await readFile(file)));
      await isReadAnew(why);
    });

  it('SEC-9: without its key it cannot be read, and all records are read', async () => {
    await saved();
    await rm(join(dataDir, 'mirror-key'));
    await isReadAnew('another key');
  });

  it('REP-8: of other tables, or of another zone, it is not used', async () => {
    await saved();
    expect(await rowsOf(start([visits, doses], 'Asia/Kolkata'))).to.deep.equal(await wanted());
    expect(hasSaid('has read its snapshot')).to.equal(false);
  });

  it('REP-8: whoever has the rows read anew does not get them from it', async () => {
    await saved();
    const mirror = start();
    await rowsOf(mirror);
    said = [];
    await mirror.rebuild();
    expect(await rowsOf(mirror)).to.deep.equal(await wanted());
    expect(hasSaid('has read the documents')).to.equal(true);
  });

  it('REP-8: of collections that were dropped and made again the rows are read anew, those of Postgres are not', async () => {
    await saved();
    await visitsOf(hospital.connection).drop();
    await visitsOf(hospital.connection).insertOne({ _id: 'V9', minutes: 9 });
    expect(await rowsOf(start())).to.deep.equal(await wanted());
    expect(hasSaid('is of other collections')).to.equal(true);
    expect(hasSaid('has read the rows of Postgres')).to.equal(false);
  });

  it('REP-8: of tables of Postgres that were emptied the rows are read anew, those of MongoDB are not', async () => {
    await saved();
    await paid.empty();
    await paid.add(1);
    expect(await rowsOf(start())).to.deep.equal(await wanted());
    expect(hasSaid('has read the rows of Postgres')).to.equal(true);
    expect(hasSaid('has read the documents')).to.equal(false);
  });

  it('REP-8: where it cannot be saved, that is said, and the mirror answers all the same', async () => {
    // A file where the folder is to be.
    await writeFile(join(dataDir, 'mirror'), 'in the way');
    expect(await rowsOf(start())).to.deep.equal(await wanted());
    const isSaid = () => Promise.resolve(hasSaid('could not be saved'));
    expect(await poll(isSaid, patienceMs)).to.equal(true);
  });
});
