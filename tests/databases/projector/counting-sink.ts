import type { AnyBulkWriteOperation, ClientSession, Document } from 'mongodb';
import type { Connection } from 'mongoose';
import { createTransact, sessionOf } from '../../../src/databases/mongo/mongo.js';
import type {
  Change,
  ProjectionSink,
  ProjectionState,
} from '../../../src/databases/projector/projector.types.js';
import type { ReachPoint } from '../../../src/contracts/crash-points.js';

/* The smallest sink there can be: how many visits there are of each status, how many patients in each ward, and what they owe. */

export const visits = 'visits';
export const patients = 'patients';
const counts = 'counts';
const states = 'count_states';

interface Count {
  _id: string;
  n: number;
  owed: number;
}

/** As text: a moment has more digits than a number of BSON's that the driver gives back. */
interface StoredState {
  _id: string;
  state: string;
}

const toText = (state: ProjectionState): string =>
  JSON.stringify(state, (_, value: unknown) => (typeof value === 'bigint' ? { big: String(value) } : value));

const fromText = (text: string): ProjectionState =>
  JSON.parse(text, (_, value: { big?: string } | null) =>
    typeof value?.big === 'string' ? BigInt(value.big) : value,
  ) as ProjectionState;

const partsOf = ({ token, fence, build }: ProjectionState): string =>
  toText({ token, fence, build } as never);

function keyOf(collection: string, document: Document): string {
  return collection === visits ? `visit ${document['status']}` : `patient ${document['ward']}`;
}

/** Throws, as of an amount of money that is none. */
function owedOf(document: Document): number {
  const owed = (document['owed'] ?? 0) as unknown;
  if (typeof owed === 'number' && Number.isFinite(owed)) return owed;
  throw new RangeError('not an amount');
}

/** The counts that hold something, by key. */
type Counts = Record<string, { n: number; owed: number }>;

/** What the counts must be. */
export async function recount(connection: Connection): Promise<Counts> {
  const found: Counts = {};
  for (const collection of [patients, visits])
    for await (const document of connection.collection(collection).find()) {
      const count = (found[keyOf(collection, document)] ??= { n: 0, owed: 0 });
      count.n += 1;
      count.owed += owedOf(document);
    }
  return found;
}

export async function readCounts(connection: Connection): Promise<Counts> {
  const found = await connection.collection<Count>(counts).find().toArray();
  return Object.fromEntries(
    found.filter(({ n, owed }) => n !== 0 || owed !== 0).map(({ _id, n, owed }) => [_id, { n, owed }]),
  );
}

export function countingSink(
  connection: Connection,
  reach: ReachPoint = () => undefined,
  definition = 'v1',
): ProjectionSink {
  const transact = createTransact(connection);
  const stateIn = connection.collection<StoredState>(states);
  const name = 'counts';
  const applying = connection.getClient().startSession();

  function operations(changes: readonly Change[]): AnyBulkWriteOperation<Count>[] {
    const sums: Counts = {};
    for (const { collection, before, after } of changes)
      for (const [document, sign] of [
        [before, -1],
        [after, 1],
      ] as const) {
        if (!document) continue;
        const sum = (sums[keyOf(collection, document)] ??= { n: 0, owed: 0 });
        sum.n += sign;
        sum.owed += sign * owedOf(document);
      }
    return Object.entries(sums).map(([_id, $inc]) => ({
      updateOne: { filter: { _id }, update: { $inc }, upsert: true },
    }));
  }

  return {
    name,
    definition,
    sources: [
      { collection: patients, fields: ['ward'] },
      { collection: visits, fields: ['status', 'owed'] },
    ],
    async read() {
      const stored = await stateIn.findOne({ _id: name });
      return stored && fromText(stored.state);
    },
    reset: (state) =>
      transact(async (tx) => {
        const stored = await stateIn.findOne({ _id: name }, sessionOf(tx));
        if (stored && fromText(stored.state).fence > state.fence) return false;
        await connection.collection(counts).deleteMany({}, sessionOf(tx));
        await stateIn.replaceOne({ _id: name }, { state: toText(state) }, { ...sessionOf(tx), upsert: true });
        return true;
      }),
    apply(changes, from, to) {
      const applied = async (session: ClientSession): Promise<boolean> => {
        const stored = await stateIn.findOne({ _id: name }, { session });
        if (!stored || partsOf(fromText(stored.state)) !== partsOf(from)) return false;
        const all = operations(changes);
        if (all.length > 0) await connection.collection<Count>(counts).bulkWrite(all, { session });
        await stateIn.replaceOne({ _id: name }, { state: toText(to) }, { session });
        if (changes.length > 0) reach('projector', 'applying');
        return true;
      };
      // To mark it as outdated is not the holder's, and goes on beside what the holder applies.
      if (to.definition !== definition) return transact((tx) => applied(sessionOf(tx).session!));
      return applying.withTransaction(() => applied(applying), {
        readConcern: { level: 'snapshot' },
        writeConcern: { w: 'majority' },
      });
    },
    sessionId: () => applying.id,
  };
}

/** The same, for a server that has no room for more than `most` changes, and none at all for what is of this status. */
export function tightSink(connection: Connection, most: number, refused = ''): ProjectionSink {
  const sink = countingSink(connection);
  return {
    ...sink,
    async apply(changes, from, to) {
      if (changes.length > most || changes.some(({ after }) => after?.['status'] === refused))
        await makeTooLarge(connection);
      return sink.apply(changes, from, to);
    },
  };
}

/** Throws what MongoDB says of a document that would have more than 16 MB. */
async function makeTooLarge(connection: Connection): Promise<void> {
  const doubled = { $concatArrays: ['$$value', '$$value'] };
  const all = { $reduce: { input: { $range: [0, 15] }, initialValue: ['x'.repeat(1024)], in: doubled } };
  await connection
    .collection('count_states')
    .aggregate([{ $limit: 1 }, { $project: { all } }])
    .toArray();
}

/** Puts something in the place of the token that is stored. */
export async function forgeToken(
  connection: Connection,
  forge: (token: { _data: string }) => unknown,
): Promise<void> {
  const stored = await connection.collection<StoredState>(states).findOne({ _id: 'counts' });
  const state = fromText(stored!.state);
  const token = forge(state.token as { _data: string });
  await connection
    .collection<StoredState>(states)
    .updateOne({ _id: 'counts' }, { $set: { state: toText({ ...state, token }) } });
}
