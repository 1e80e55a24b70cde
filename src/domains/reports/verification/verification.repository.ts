import type { Document } from 'mongodb';
import type { Connection } from 'mongoose';
import { clusterTime } from '../../../databases/mongo/write-times.js';
import type { WriteTime } from '../../../lib/write-time.js';

/** What there is to ask for. */
export interface Facts {
  /** The calendar years (UTC) of the records, in order. */
  readonly years: readonly number[];
  readonly hospitals: readonly string[];
  readonly regions: readonly string[];
  readonly departments: readonly string[];
  readonly doctors: readonly string[];
  /** Names and codes. */
  readonly diseases: readonly string[];
}

export interface VerificationReader {
  facts(): Promise<Facts>;
  /** A moment after everything that was written so far. */
  now(): Promise<WriteTime>;
}

const limitMs = 60_000;
/** Of each kind: there may be many doctors. */
const most = 1_000;

const dated = [
  { collection: 'appointments', field: 'date', before: [] },
  { collection: 'prescriptions', field: 'start_date', before: [] },
  { collection: 'patients', field: 'diagnoses.start_date', before: [{ $unwind: '$diagnoses' }] },
] as const;

export function createVerificationReader(connection: Connection): VerificationReader {
  const db = connection.db!;

  const run = <T>(collection: string, pipeline: Document[]): Promise<T[]> =>
    db
      .collection(collection)
      .aggregate(pipeline, { maxTimeMS: limitMs, allowDiskUse: true })
      .toArray() as Promise<T[]>;

  async function years(): Promise<number[]> {
    const found = await Promise.all(
      dated.map(({ collection, field, before }) =>
        run<{ _id: number | null }>(collection, [...before, { $group: { _id: { $year: `$${field}` } } }]),
      ),
    );
    return [...new Set(found.flat().flatMap(({ _id }) => _id ?? []))].sort((a, b) => a - b);
  }

  async function values(collection: string, field: string): Promise<string[]> {
    const found = await run<{ _id: string | null }>(collection, [
      { $group: { _id: `$${field}` } },
      { $sort: { _id: 1 } },
      { $limit: most },
    ]);
    return found.flatMap(({ _id }) => _id ?? []);
  }

  return {
    async facts() {
      const [of, hospitals, regions, departments, doctors, ...diseases] = await Promise.all([
        years(),
        values('hospitals', '_id'),
        values('hospitals', 'region'),
        values('departments', '_id'),
        values('doctors', '_id'),
        values('prescriptions', 'disease'),
        values('prescriptions', 'disease_code'),
      ]);
      return { years: of, hospitals, regions, departments, doctors, diseases: diseases.flat() };
    },
    now: () => clusterTime(connection),
  };
}
