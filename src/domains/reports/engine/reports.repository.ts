import type { Connection } from 'mongoose';
import type { Knex } from 'knex';
import { createMongoReader, type ReadLimits } from './reports.mongodb.repository.js';
import { createPostgresReader } from './reports.postgres.repository.js';
import type { ReportEngine } from './reports.types.js';

/** The engine that asks the stores themselves. */
export function createNativeEngine(connection: Connection, knex: Knex, limits: ReadLimits): ReportEngine {
  const readMongo = createMongoReader(connection, limits);
  const readPostgres = createPostgresReader(knex, limits.seconds);
  return {
    name: 'native',
    async read({ mongodb, postgres }, options) {
      // Neither goes on when the other has failed.
      const failed = new AbortController();
      const signal = AbortSignal.any([failed.signal, ...(options.signal ? [options.signal] : [])]);
      const reading = <T>(work: Promise<T> | null): Promise<T | null> =>
        (work ?? Promise.resolve(null)).catch((error: unknown) => {
          failed.abort(error);
          throw error;
        });
      const both = mongodb !== undefined && postgres !== undefined;
      const how = both ? { ...options, signal } : options;
      const [fromMongo, fromPostgres] = await Promise.all([
        reading(mongodb ? readMongo(mongodb, how) : null),
        reading(postgres ? readPostgres(postgres, how) : null),
      ]);
      return { mongodb: fromMongo, postgres: fromPostgres };
    },
  };
}

/** What a query's words mean in the stores. */
interface ReportLookups {
  /** The codes that a disease goes by under this name, in both stores; what is given may itself be one. */
  codesOfDisease(disease: string): Promise<string[]>;
}

export function createReportLookups(connection: Connection, knex: Knex, seconds: number): ReportLookups {
  return {
    async codesOfDisease(disease) {
      const [prescribed, billed] = await Promise.all([
        connection
          .db!.collection('prescriptions')
          .distinct('disease_code', { disease, disease_code: { $ne: null } }, { maxTimeMS: seconds * 1000 }),
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
