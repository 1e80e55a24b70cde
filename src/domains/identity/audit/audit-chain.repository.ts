import type { Connection } from 'mongoose';
import type { Knex } from '../../../databases/postgres/postgres.js';
import { queryLimitMs, sessionOf } from '../../../databases/mongo/mongo.js';
import type { MongoTransaction } from '../../../lib/transaction.js';
import { auditChains, type ChainDocument } from './audit-chains.model.js';
import type { HeadRow } from './audit-heads.model.js';
import type { ChainHead, Link, Stored } from './audit.chain.js';
import { auditEventModel } from './audit.model.js';

/** What is not sealed has no year. */
const open = { year: null };
const inOrder = { year: 1, seq: 1, _id: 1 } as const;

const headOf = ({ _id: year, seq, mac, key_id, closed_at }: ChainDocument): ChainHead => ({
  ...{ year, seq, mac, key_id, closed: closed_at !== null },
});

/** The entries as they are stored, their chain, and its heads in Postgres. */
export function createAuditChainRepository(connection: Connection, knex: Knex) {
  const events = auditEventModel.on(connection).collection;
  const chains = auditChains.on(connection);

  return {
    async hasOpen(): Promise<boolean> {
      const options = { projection: { _id: 1 }, maxTimeMS: queryLimitMs } as const;
      return (await events.findOne(open as never, options)) !== null;
    },
    countOpen: (): Promise<number> => events.countDocuments(open, { maxTimeMS: queryLimitMs, hint: inOrder }),

    /** Entries that are not sealed, the first by their ids. */
    async listOpen(limit: number, tx: MongoTransaction): Promise<Stored[]> {
      return (await events
        .find(open as never, { sort: inOrder, limit, ...sessionOf(tx) })
        .toArray()) as never;
    },
    async seal(links: readonly (Link & { readonly _id: string })[], tx: MongoTransaction): Promise<void> {
      const updates = links.map(({ _id, ...link }) => ({
        updateOne: { filter: { _id, ...open }, update: { $set: link } },
      }));
      await events.bulkWrite(updates as never, { ordered: false, ...sessionOf(tx) });
    },

    async newestChain(tx: MongoTransaction): Promise<ChainHead | null> {
      const [found] = await chains.find({}, { sort: { _id: -1 }, limit: 1, ...sessionOf(tx) }).toArray();
      return found ? headOf(found) : null;
    },
    /** Nobody else moves it before `tx` is over. */
    async holdChain(year: number, tx: MongoTransaction): Promise<void> {
      await chains.updateOne({ _id: year }, { $inc: { turns: 1 } }, { upsert: true, ...sessionOf(tx) });
    },
    async moveChain({ year, seq, mac, key_id }: ChainHead, tx: MongoTransaction): Promise<void> {
      await chains.updateOne({ _id: year }, { $set: { seq, mac, key_id, closed_at: null } }, sessionOf(tx));
    },
    async closeChain(year: number, at: Date, tx: MongoTransaction): Promise<void> {
      await chains.updateOne({ _id: year }, { $set: { closed_at: at } }, sessionOf(tx));
    },
    async listChains(): Promise<ChainHead[]> {
      return (await chains.find({}, { sort: { _id: 1 } }).toArray()).map(headOf);
    },

    /** In the other store; one that is behind what is kept already changes nothing. */
    async keepHead({ year, seq, mac, key_id, closed }: ChainHead, kept_at: Date): Promise<void> {
      await knex<HeadRow>('audit_heads')
        .insert({ year, seq, mac, key_id, closed, kept_at })
        .onConflict('year')
        .merge()
        .whereRaw(
          'audit_heads.seq < excluded.seq or (audit_heads.seq = excluded.seq and not audit_heads.closed)',
        );
    },
    async keptHeads(): Promise<(ChainHead & { readonly kept_at: Date })[]> {
      const rows = await knex<HeadRow>('audit_heads').orderBy('year');
      return rows.map((row) => ({ ...row, seq: Number(row.seq) }));
    },

    /** The years that entries are sealed in. */
    async years(): Promise<number[]> {
      const found: unknown[] = await events.distinct('year', { year: { $gt: 0 } } as never);
      return found.map(Number).sort((a, b) => a - b);
    },
    /** All sealed entries of a year, in order; without a limit of time, for there are as many as there are. */
    async *walk(year: number): AsyncGenerator<Stored & Partial<Link>> {
      const cursor = events.find({ year } as never, { sort: inOrder, hint: inOrder, batchSize: 1_000 });
      for await (const entry of cursor) yield entry as never;
    },
  };
}

export type AuditChainRepository = ReturnType<typeof createAuditChainRepository>;
