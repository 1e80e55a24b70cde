import { BSON, type Document, type Timestamp } from 'mongodb';
import type { Connection } from 'mongoose';
import type { Knex } from 'knex';
import type { ReportEngine, Results, Sources, SqlQuery, StoreReading } from './reports.types.js';

/** A report may take longer than a query, but not for ever: both stores stop it then. */
const limitMs = 20_000;

type MongoSource = NonNullable<Sources['mongodb']>;
type SqlSource = NonNullable<Sources['postgres']>;

/** The seconds of the store's own clock (the high half of a BSON timestamp). */
const clusterTime = (time: Timestamp | undefined): Date | null =>
  time ? new Date(time.getHighBits() * 1000) : null;

/** The engine that asks the stores themselves, from the raw documents and rows. */
export function createNativeEngine(connection: Connection, knex: Knex): ReportEngine {
  async function readMongo(source: MongoSource, explain: boolean): Promise<StoreReading<Results['mongodb']>> {
    const session = await connection.startSession();
    const aggregate = () =>
      connection.db!.collection(source.collection).aggregate<Document>([...source.pipeline], {
        session,
        maxTimeMS: limitMs,
        allowDiskUse: true,
        readConcern: { level: 'majority' },
      });
    try {
      const start = performance.now();
      const rows = await aggregate().toArray();
      const ms = performance.now() - start;
      const as_of = clusterTime(session.operationTime);
      if (!explain) return { rows, as_of, ms };
      return { rows, as_of, ms, plan: BSON.EJSON.serialize(await aggregate().explain('executionStats')) };
    } finally {
      await session.endSession();
    }
  }

  /** Every statement sees the snapshot of the first, so that parts and totals agree. */
  function readPostgres(source: SqlSource, explain: boolean): Promise<StoreReading<Results['postgres']>> {
    return knex.transaction(
      async (trx) => {
        const run = async <T>({ text, bindings }: SqlQuery, prefix = ''): Promise<T[]> =>
          (await trx.raw<{ rows: T[] }>(prefix + text, bindings as never)).rows;
        await trx.raw(`set local statement_timeout = ${limitMs}`);
        const start = performance.now();
        const rows: Record<string, object[]> = {};
        for (const [name, query] of Object.entries(source)) rows[name] = await run<object>(query);
        const ms = performance.now() - start;
        const [at] = await run<{ now: Date }>({ text: 'select now()', bindings: [] });
        if (!explain) return { rows, as_of: at!.now, ms };
        const plan: Record<string, unknown> = {};
        for (const [name, query] of Object.entries(source)) {
          const [line] = await run<Record<string, unknown>>(query, 'explain (analyze, format json) ');
          plan[name] = line!['QUERY PLAN'];
        }
        return { rows, as_of: at!.now, ms, plan };
      },
      { isolationLevel: 'repeatable read', readOnly: true },
    );
  }

  return {
    name: 'native',
    async read({ mongodb, postgres }, { explain }) {
      const [fromMongo, fromPostgres] = await Promise.all([
        mongodb ? readMongo(mongodb, explain) : null,
        postgres ? readPostgres(postgres, explain) : null,
      ]);
      return { mongodb: fromMongo, postgres: fromPostgres };
    },
  };
}

/** What a query's words mean in the stores. */
export interface ReportLookups {
  /** The codes that a disease goes by under this name, in both stores; what is given may itself be one. */
  codesOfDisease(disease: string): Promise<string[]>;
}

export function createReportLookups(connection: Connection, knex: Knex): ReportLookups {
  return {
    async codesOfDisease(disease) {
      const [prescribed, billed] = await Promise.all([
        connection
          .db!.collection('prescriptions')
          .distinct('disease_code', { disease, disease_code: { $ne: null } }, { maxTimeMS: limitMs }),
        knex('billing')
          .distinct<{ disease_code: string }[]>('disease_code')
          .where({ disease })
          .whereNotNull('disease_code'),
      ]);
      const codes = [...(prescribed as string[]), ...billed.map(({ disease_code }) => disease_code)];
      return [...new Set([disease, ...codes])].sort();
    },
  };
}
