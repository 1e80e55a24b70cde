import mongoose, { type Connection } from 'mongoose';
import { resolvePeriod } from '../../src/domains/reports/engine/reports.period.js';
import type { AnyReport, Asked } from '../../src/domains/reports/engine/index.js';
import type { Sources } from '../../src/domains/reports/engine/reports.types.js';
import { connectPostgres, migratePostgres, type Knex } from '../../src/databases/postgres/postgres.js';
import { createTestDatabase } from '../support/api.js';

/* Both stores with the tables of the migrations, and reports asked of them without an API: once from each path. */

export interface KeptStores {
  readonly connection: Connection;
  readonly knex: Knex;
  /** The report's answer from every record. */
  defined(report: AnyReport, question?: Question): Promise<unknown>;
  /** The same from the figures that are kept; undefined when they cannot tell. */
  kept(report: AnyReport, question?: Question): Promise<unknown>;
  close(): Promise<void>;
}

export interface Question {
  readonly query?: Readonly<Record<string, unknown>>;
  readonly from?: string;
  readonly to?: string;
  readonly scope?: Asked<unknown>['scope'];
  readonly diseases?: Asked<unknown>['diseases'];
  readonly timeZone?: string;
}

const askedOf = ({ query = {}, from, to, scope = {}, diseases, timeZone = 'UTC' }: Question): never =>
  ({
    query,
    period: resolvePeriod({ from, to }, timeZone),
    days: resolvePeriod({ from, to }, 'UTC'),
    ...{ scope, diseases, timeZone, gapDays: 90 },
  }) as never;

type Opened = Pick<KeptStores, 'connection' | 'knex' | 'close'>;

async function open(): Promise<Opened> {
  const database = await createTestDatabase();
  const knex = connectPostgres(database.uri);
  await migratePostgres(knex);
  const uri = process.env['TEST_MONGODB_URI']!;
  const connection = await mongoose.createConnection(uri, { dbName: database.name }).asPromise();
  return {
    connection,
    knex,
    async close() {
      await connection.dropDatabase();
      await connection.close();
      await knex.destroy();
      await database.drop();
    },
  };
}

/** New stores, or those of a system that somebody else closes. */
export async function openKeptStores(those?: Omit<Opened, 'close'>): Promise<KeptStores> {
  const { connection, knex, close } = those ? { ...those, close: () => Promise.resolve() } : await open();

  async function read({ mongodb, postgres = {} }: Sources): Promise<never> {
    const documents = mongodb
      ? await connection
          .db!.collection(mongodb.collection)
          .aggregate([...mongodb.pipeline])
          .toArray()
      : [];
    const rows: Record<string, object[]> = {};
    for (const [name, { text, bindings }] of Object.entries(postgres))
      rows[name] = (await knex.raw<{ rows: object[] }>(text, bindings as never)).rows;
    return { mongodb: documents, postgres: rows } as never;
  }

  return {
    connection,
    knex,
    async defined(report, question = {}) {
      const asked = askedOf(question);
      return report.merge(await read(report.sources(asked)), asked);
    },
    async kept(report, question = {}) {
      const asked = askedOf(question);
      const sources = report.rollups!.read(asked);
      return sources && report.rollups!.merge(await read(sources), asked);
    },
    close,
  };
}
