import type { Connection } from 'mongoose';
import { queryLimitMs, sessionOf } from './mongo.js';
import type { MongoTransaction } from '../../lib/transaction.js';

/** Fields that hold the id of a user, in whatever collection. */
const ofUsers = ['user_id', 'made_by', 'set_by', 'cancelled_by', 'recipients.user_id'];

/**
 * Whether a document of any collection but `own` names the user. All models of the connection are looked through, so that a collection
 * of tomorrow is not forgotten.
 */
export async function isNamedSomewhere(
  connection: Connection,
  user_id: string,
  own: readonly string[],
  tx: MongoTransaction,
): Promise<boolean> {
  for (const model of Object.values(connection.models)) {
    if (own.includes(model.collection.name)) continue;
    const fields = ofUsers.filter((field) => model.schema.path(field) !== undefined);
    if (fields.length === 0) continue;
    const named = { $or: fields.map((field) => ({ [field]: user_id })) };
    const options = { projection: { _id: 1 }, maxTimeMS: queryLimitMs, ...sessionOf(tx) } as const;
    if (await model.collection.findOne(named, options)) return true;
  }
  return false;
}
