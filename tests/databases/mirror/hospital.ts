import { randomBytes } from 'node:crypto';
import type { Connection } from 'mongoose';
import { connectMongo } from '../../../src/databases/mongo/mongo.js';
import type { WriteTime } from '../../../src/lib/write-time.js';
import { ownDatabases } from '../../support/own-databases.js';

/** A MongoDB database of its own. */
export async function openHospital(mongodbUri = process.env['TEST_MONGODB_URI']!) {
  const connection = await connectMongo(mongodbUri, { dbName: `t_${randomBytes(6).toString('hex')}` });
  ownDatabases.add(connection.name);
  return {
    connection,
    async close(): Promise<void> {
      await connection.dropDatabase();
      ownDatabases.delete(connection.name);
      await connection.close();
    },
  };
}

export type Hospital = Awaited<ReturnType<typeof openHospital>>;

/** A moment that is past all writes that were acknowledged. */
export async function nowOf(connection: Connection): Promise<WriteTime> {
  const session = await connection.startSession();
  await connection.collection('ticks').insertOne({}, { session });
  await session.endSession();
  return session.operationTime!.toBigInt();
}
