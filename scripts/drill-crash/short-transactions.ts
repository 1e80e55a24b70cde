import { connectMongo } from '../../src/databases/mongo/mongo.js';

/** Of a transaction whose process is dead. */
const abandonedSeconds = 3;

/**
 * A transaction whose process is dead keeps its documents locked until MongoDB gives it up, after a minute by default
 * (`transactionLifetimeLimitSeconds`). Anyone who comes meanwhile waits, or gets 503: that is right, and too long for a drill.
 */
export async function withShortTransactions<T>(mongodbUri: string, work: () => Promise<T>): Promise<T> {
  const connection = await connectMongo(mongodbUri);
  const limit = async (transactionLifetimeLimitSeconds: number): Promise<number> => {
    const set = { setParameter: 1, transactionLifetimeLimitSeconds };
    return (await connection.db!.admin().command(set))['was'] as number;
  };
  try {
    const usual = await limit(abandonedSeconds);
    return await work().finally(() => limit(usual));
  } finally {
    await connection.close();
  }
}
