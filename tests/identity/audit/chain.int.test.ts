import { randomUUID } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import type { Verified } from '../../../src/domains/identity/audit/index.js';
import { openTestSystem } from '../../support/api.js';
import { size } from '../../support/size.js';

type Opened = Awaited<ReturnType<typeof openTestSystem>>;
interface Entry {
  readonly _id: string;
  readonly seq: number;
  readonly [field: string]: unknown;
}

const at = new Date('2026-11-23T12:00:00Z');
const count = size({ usual: 300, long: 10_000 });

describe('the chain of the trail', function () {
  this.timeout(size({ usual: 300_000, long: 3_600_000 }));
  const file = join(tmpdir(), `audit-heads-${randomUUID()}.ndjson`);
  let opened: Opened;
  let made = 0;

  const db = () => opened.system.around.stores.connection.db!;
  const events = () => db().collection<Entry>('audit_events');
  const trail = () => opened.system.parts.trail;
  const heads = () => opened.system.around.stores.knex('audit_heads').orderBy('year');

  const entry = (more: object = {}) => ({
    ...{ _id: `AE${String((made += 1)).padStart(8, '0')}`, action: 'patient.read', outcome: 'success' },
    ...{ problem: null, actor_user_id: `U${made % 7}`, role: 'doctor', subject: `P${made % 50}` },
    ...{ patient_ids: [`P${made % 50}`], purpose: 'TREAT', address: '10.0.0.1', request_id: `R${made}`, at },
    ...more,
  });
  async function add(many: number, more?: object): Promise<void> {
    await events().insertMany(Array.from({ length: many }, () => entry(more)) as never);
  }
  const found = async (): Promise<Verified['fault']> => (await trail().verify()).fault;

  before(async () => {
    opened = await openTestSystem({ AUDIT_HEAD_FILE: file });
    opened.clock.set(at);
    await add(count);
    await trail().seal();
  });
  after(async () => {
    await opened?.close();
    await rm(file, { force: true });
  });

  it('AUTH-8: seals all that was entered, in order, and keeps the head in Postgres and in the file', async () => {
    const verified = await trail().verify();
    expect(verified).deep.equal({
      ...{ years: [{ year: 2026, entries: count, head: count }], open: 0, fault: null },
    });
    const [last] = await events().find().sort({ seq: -1 }).limit(1).toArray();
    const [head] = await heads();
    expect([Number(head.seq), head.mac, head.closed]).deep.equal([count, last!['mac'], false]);
    const lines = (await readFile(file, 'utf8')).trim().split('\n');
    expect(JSON.parse(lines.at(-1)!)).include({ year: 2026, mac: last!['mac'] });
  });

  it('AUTH-8: goes on where it was, and two that seal at once make one chain', async () => {
    await add(50);
    expect((await trail().verify()).open).equal(50);
    await Promise.allSettled([trail().seal(), trail().seal(), trail().seal()]);
    await trail().seal();
    const { years, open, fault } = await trail().verify();
    expect([years[0]!.entries, open, fault]).deep.equal([count + 50, 0, null]);
  });

  it('QUAL-4: finds every change of an entry, removal, move and cut of the tail, and names the first bad entry', async () => {
    const all = await events().find().sort({ seq: 1 }).toArray();
    const seqs = fc.integer({ min: 1, max: all.length });
    const field = fc.constantFrom(
      'action',
      'outcome',
      'actor_user_id',
      'patient_ids',
      'at',
      'purpose',
      'mac',
      'previous',
    );
    const change = fc.oneof(
      fc.record({ kind: fc.constant('edit' as const), seq: seqs, field }),
      fc.record({ kind: fc.constant('delete' as const), seq: seqs }),
      fc
        .record({ kind: fc.constant('swap' as const), seq: seqs, other: seqs })
        .filter(({ seq, other }) => seq !== other),
      // To bring back what was cut off is what takes long.
      fc.record({
        kind: fc.constant('cut' as const),
        seq: fc.integer({ min: all.length - 200, max: all.length }),
      }),
      fc.record({ kind: fc.constant('forge' as const), seq: seqs }),
    );
    const put = (entries: readonly Entry[]) =>
      events().bulkWrite(
        entries.map((one) => ({
          replaceOne: { filter: { _id: one._id }, replacement: one, upsert: true },
        })),
      );

    await fc.assert(
      fc.asyncProperty(change, async (one) => {
        const { seq } = one;
        const bad = all[seq - 1]!;
        let first = seq;
        if (one.kind === 'edit') {
          const was = bad[one.field];
          const value =
            was instanceof Date
              ? new Date(was.getTime() + 1)
              : Array.isArray(was)
                ? [...was, 'P-x']
                : `${String(was)}x`;
          await events().updateOne({ _id: bad._id }, { $set: { [one.field]: value } });
        } else if (one.kind === 'delete') await events().deleteOne({ _id: bad._id });
        else if (one.kind === 'cut') await events().deleteMany({ seq: { $gte: seq } });
        else if (one.kind === 'forge') {
          const { seq: _seq, ...rest } = bad;
          await events().insertOne({ ...rest, _id: `${bad._id}x`, seq });
        } else {
          const other = all[one.other - 1]!;
          await events().updateOne({ _id: bad._id }, { $set: { seq: other.seq } });
          await events().updateOne({ _id: other._id }, { $set: { seq } });
          first = Math.min(seq, one.other);
        }
        try {
          const fault = await found();
          // A forged twin stands beside the one whose number it has.
          const named = one.kind === 'forge' ? [seq, seq + 1] : [first];
          expect(named, JSON.stringify({ one, fault })).include(fault?.seq);
          expect(fault?.year).equal(2026);
          if (one.kind === 'edit') expect(fault?.event_id).equal(bad._id);
        } finally {
          if (one.kind === 'cut') await events().insertMany(all.slice(seq - 1));
          else if (one.kind === 'forge') await events().deleteOne({ _id: `${bad._id}x` });
          else await put(one.kind === 'swap' ? [bad, all[one.other - 1]!] : [bad]);
        }
      }),
      { numRuns: size({ usual: 50, long: 1_000 }) },
    );
    expect(await found()).equal(null);
  });

  it('AUTH-8: a tail that is cut off with its head in MongoDB is found by the other store; its head goes forward only', async () => {
    const all = await events().find().sort({ seq: 1 }).toArray();
    const chains = db().collection<{ _id: number }>('audit_chains');
    const [chain] = await chains.find().toArray();
    const last = all.at(-4)!;
    await events().deleteMany({ seq: { $gt: last.seq } });
    await chains.updateOne({ _id: 2026 }, { $set: { seq: last.seq, mac: last['mac'] } });
    expect(await found()).include({ kind: 'cut', seq: last.seq + 1 });
    const refused = await heads()
      .update({ seq: last.seq })
      .catch((error: Error) => error.message);
    expect(refused).match(/goes forward only/);
    expect(
      await heads()
        .delete()
        .catch((error: Error) => error.message),
    ).match(/goes forward only/);
    await events().insertMany(all.slice(-3));
    await chains.replaceOne({ _id: 2026 }, chain!);
    expect(await found()).equal(null);
  });

  it('AUTH-8: another key is told as such, and an earlier one verifies what it has sealed', async () => {
    const own = { AUDIT_KEY: 'a key of its own, of more than 32 characters' };
    const { config } = opened.system.around;
    expect(config.audit.key).equal(undefined);
    const { createAuditKeys } = await import('../../../src/domains/identity/audit/audit.keys.js');
    const { chainKeyOf, createChainWalk, linkAfter } =
      await import('../../../src/domains/identity/audit/audit.chain.js');
    const [key] = await createAuditKeys({ key: own.AUDIT_KEY, previousKeys: [], headFile: undefined }, '')();
    const one = { _id: 'AE1', action: 'patient.read' };
    const sealed = { ...one, ...linkAfter(key!, { year: 2026, seq: 0, mac: '' }, one) };
    const other = chainKeyOf('another key, of more than 32 characters as well');
    expect(createChainWalk([other], 2026, '', []).next(sealed)?.kind).equal('unknown_key');
    expect(createChainWalk([other, key!], 2026, '', []).next(sealed)).equal(undefined);
  });

  it('AUTH-8: a year closes when the next begins, stays as it is, and the next goes on from its last seal', async () => {
    opened.clock.set(new Date('2027-01-01T00:00:01Z'));
    await add(3);
    await trail().seal();
    const { years, fault } = await trail().verify();
    expect(fault).equal(null);
    expect(years.map(({ year, entries }) => [year, entries])).deep.equal([
      [2026, count + 50],
      [2027, 3],
    ]);
    expect((await heads()).map(({ closed }: { closed: boolean }) => closed)).deep.equal([true, false]);
    // A clock that is behind does not open it again.
    opened.clock.set(at);
    await add(1);
    await trail().seal();
    expect((await trail().verify()).years.map(({ entries }) => entries)).deep.equal([count + 50, 4]);
    await events().deleteMany({ year: 2026 });
    expect(await found()).include({ kind: 'cut', year: 2026, seq: 1 });
  });
});
