import { createHash } from 'node:crypto';
import type { Document } from 'mongodb';
import type { Connection } from 'mongoose';
import type { Mirror } from '../../src/databases/mirror/mirror.js';
import type { MirrorQuery } from '../../src/databases/mirror/mirror.types.js';
import type { Knex } from '../../src/databases/postgres/postgres.js';
import { reportCatalogue, type AnyReport } from '../../src/domains/reports/engine/index.js';
import type { Results, Sources } from '../../src/domains/reports/engine/reports.types.js';
import { fromCents, averageMoney, toCents } from '../../src/lib/money.js';

/** One way to the same answer, and what it gave. */
export interface Variant {
  readonly name: 'both queries, no join' | 'live' | 'mirror' | 'pull all and join';
  /** The rows' digest; null where there are no rows. */
  run(): Promise<string | null>;
}

type Row = Readonly<Record<string, unknown>>;

const signature = (rows: readonly object[]): string =>
  createHash('sha256').update(JSON.stringify(rows)).digest('hex').slice(0, 12);

interface Sum {
  readonly disease: string | null;
  readonly disease_code: string | null;
  readonly patients: Set<string>;
  prescriptions: number;
  cost: bigint;
  billed_rows: number;
  billed: bigint;
}

/** What somebody writes who knows neither database: everything over the wire, and a map. Each code has one name here. */
async function pullAll({ connection, knex }: Stores): Promise<object[]> {
  const fields = { patient_id: 1, disease: 1, disease_code: 1, cost: 1 };
  const [prescriptions, bills] = await Promise.all([
    connection.db!.collection('prescriptions').find({}, { projection: fields }).toArray(),
    knex('billing')
      .where({ kind: 'prescription' })
      .select<Row[]>('patient_id', 'disease', 'disease_code', 'total_cost'),
  ]);
  const sums = new Map<string, Sum>();
  const sumOf = ({ disease, disease_code }: Document): Sum => {
    const found = sums.get(disease_code as string) ?? {
      ...{ disease: disease as string, disease_code: disease_code as string, patients: new Set<string>() },
      ...{ prescriptions: 0, cost: 0n, billed_rows: 0, billed: 0n },
    };
    sums.set(disease_code as string, found);
    return found;
  };
  for (const one of prescriptions) {
    const sum = sumOf(one);
    sum.prescriptions += 1;
    sum.cost += toCents(String(one['cost']));
    sum.patients.add(one['patient_id'] as string);
  }
  for (const one of bills) {
    const sum = sumOf(one);
    sum.billed_rows += 1;
    sum.billed += toCents(one['total_cost'] as string);
  }
  return [...sums.values()]
    .sort((a, b) => {
      const [left, right] = [a.billed * BigInt(b.billed_rows), b.billed * BigInt(a.billed_rows)];
      return left === right ? (a.disease_code! < b.disease_code! ? -1 : 1) : left > right ? -1 : 1;
    })
    .map(({ disease, disease_code, patients, prescriptions, billed_rows, ...sum }) => ({
      ...{ disease, disease_code, patients: patients.size, prescriptions },
      total_prescription_cost: fromCents(sum.cost),
      average_prescription_cost: averageMoney(fromCents(sum.cost), prescriptions),
      ...{ billed_rows, billed_total: fromCents(sum.billed) },
      average_billed: averageMoney(fromCents(sum.billed), billed_rows),
    }));
}

interface Stores {
  readonly connection: Connection;
  readonly knex: Knex;
}

/** Both stores at once, and nothing done with what they give. */
async function ask({ connection, knex }: Stores, { mongodb, postgres = {} }: Sources): Promise<Results> {
  const [documents, rows] = await Promise.all([
    mongodb
      ? connection
          .db!.collection(mongodb.collection)
          .aggregate([...mongodb.pipeline])
          .toArray()
      : [],
    knex.transaction(
      async (trx) => {
        const read: Record<string, object[]> = {};
        for (const [name, { text, bindings }] of Object.entries(postgres))
          read[name] = (await trx.raw<{ rows: object[] }>(text, bindings as never)).rows;
        return read;
      },
      { isolationLevel: 'repeatable read', readOnly: true },
    ),
  ]);
  return { mongodb: documents, postgres: rows };
}

const inStepMs = 10_000;

/** From the rows that the process holds of both. */
async function askMirror(mirror: Mirror, queries: Readonly<Record<string, MirrorQuery>>): Promise<Results> {
  const sides = ['mongodb', 'postgres'] as const;
  // A report asks for it too, before it reads.
  const standing = await mirror.standing(sides, undefined, inStepMs);
  const reading = standing && (await mirror.read(queries, sides));
  if (!reading) throw new Error('the mirror does not answer');
  const plain = (value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : value);
  const rowsOf = (rows: readonly Row[]): object[] =>
    rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)])));
  const named = Object.entries(reading.results).map(([name, { rows }]) => [name, rowsOf(rows)] as const);
  return { mongodb: [], postgres: Object.fromEntries(named) };
}

/** REP-4 of all time, each way from the stores to its rows, receipt included. */
export function variantsOn(stores: Stores, mirror: Mirror): Variant[] {
  const report: AnyReport = reportCatalogue.find(({ id }) => id === 'average-prescription-cost')!;
  const always = { from: null, to: null };
  const asked = {
    ...{ query: { kind: 'prescription' }, period: always, days: always, scope: {}, diseases: undefined },
    ...{ timeZone: 'UTC', gapDays: 90 },
  } as never;
  const definition = report.sources(asked);
  const queries = report.mirror.postgres!(asked);
  return [
    {
      name: 'both queries, no join',
      run: () => ask(stores, definition).then(() => null),
    },
    {
      name: 'live',
      run: async () => signature(report.merge((await ask(stores, definition)) as never, asked).rows),
    },
    {
      name: 'mirror',
      run: async () =>
        signature(report.mirror.merge!((await askMirror(mirror, queries)) as never, asked).rows),
    },
    { name: 'pull all and join', run: async () => signature(await pullAll(stores)) },
  ];
}
