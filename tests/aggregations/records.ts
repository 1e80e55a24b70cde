import { Decimal128, MongoClient, type Db, type Document } from 'mongodb';
import type { Aggregation } from '../../aggregations/stages/types.js';

/* Small documents with what the pipelines read, and a database of their own to read them from. */

export const day = 86_400_000;
export const at = (text: string): Date => new Date(text.includes('T') ? text : `${text}T00:00:00Z`);

let serial = 0;
const nextId = (): string => `R${String((serial += 1)).padStart(6, '0')}`;

const place = { department_id: 'DEP1', hospital_id: 'H1' };

export const appointment = (fields: Document = {}): Document => ({
  _id: nextId(),
  patient_id: 'P1',
  doctor_id: 'D1',
  ...place,
  date: at('2025-03-01T10:00:00Z'),
  ended_at: null,
  status: 'completed',
  disease: null,
  disease_code: null,
  ...fields,
});

export const prescription = (fields: Document = {}): Document => ({
  _id: nextId(),
  patient_id: 'P1',
  doctor_id: 'D1',
  ...place,
  cost: Decimal128.fromString('10.00'),
  disease: 'Asthma',
  disease_code: 'J45',
  start_date: at('2025-01-01'),
  end_date: null,
  ...fields,
});

export const patient = (_id: string, ...diagnoses: Document[]): Document => ({
  _id,
  diagnoses: diagnoses.map((one) => ({ disease: 'Asthma', code: 'J45', end_date: null, ...one })),
});

export interface Scratch {
  readonly db: Db;
  /** Empties the database and puts these in. */
  fill(collections: Readonly<Record<string, readonly Document[]>>): Promise<void>;
  run<Row>(aggregation: Aggregation): Promise<Row[]>;
  close(): Promise<void>;
}

export async function openScratch(): Promise<Scratch> {
  const uri = process.env['TEST_MONGODB_URI'];
  if (!uri) throw new Error('TEST_MONGODB_URI is not set: run the tests through npm test');
  const client = await MongoClient.connect(uri, { writeConcern: { w: 'majority' } });
  const db = client.db(`aggregations_${process.pid}_${nextId()}`);
  return {
    db,
    async fill(collections) {
      for (const name of ['appointments', 'prescriptions', 'patients', 'doctors'])
        await db.collection(name).deleteMany({});
      for (const [name, documents] of Object.entries(collections))
        if (documents.length > 0) await db.collection(name).insertMany([...documents] as never);
    },
    run: <Row>({ collection, pipeline }: Aggregation) =>
      db
        .collection(collection)
        .aggregate([...pipeline])
        .toArray() as Promise<Row[]>,
    async close() {
      await db.dropDatabase();
      await client.close();
    },
  };
}
