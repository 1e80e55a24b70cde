import { createHash } from 'node:crypto';
import { setImmediate as endOfTurn } from 'node:timers/promises';
import type { AnyBulkWriteOperation, ClientSession } from 'mongodb';
import type { Connection } from 'mongoose';
import { mongoIndexDescription } from '../../../databases/mongo/mongo-index.js';
import type { MongoCollection } from '../../../databases/mongo/mongo-model.js';
import type {
  Change,
  ProjectedSource,
  ProjectionSink,
  ProjectionState,
} from '../../../databases/projector/projector.types.js';
import { Gap } from '../../../databases/projector/stream.js';
import { isSame, rollupState, toDocument, toState } from './rollup-state.model.js';
import type { Rollup, RollupContext } from './rollup.definition.js';
import {
  addUnit,
  changed,
  counted,
  documentIncrements,
  documentRollups,
  effective,
  listed,
  unitChanges,
  unitGroups,
  type Increments,
  type UnitChanges,
} from './rollup.deltas.js';
import { rollupUnits, type RollupDocument, type UnitDocument } from './rollups.model.js';

/*
 * A chunk of a build holds tens of thousands of documents. Nothing else in the process waits for more than some of them: what
 * is worked out, asked and written between two turns of the event loop is bounded.
 */
const changesPerTurn = 20;
const turnMs = 15;
const unitsPerTurn = 1_000;
const writesPerTurn = 2_000;

interface Sums {
  readonly alone: readonly Increments[];
  readonly inUnits: readonly UnitChanges[];
}

/**
 * What reports look up when they answer, beside the figures: its changes change no figure, and still another version answers
 * after them.
 */
const lookedUp: readonly ProjectedSource[] = [
  {
    collection: 'doctors',
    fields: [
      ...['name', 'specialty', 'department_id', 'hospital_id', 'registration_expiry'],
      ...['availability', 'leave_days', 'slot_minutes', 'slot_capacity'],
    ],
  },
  {
    collection: 'departments',
    fields: ['department_name', 'hospital_id', 'operating_start_hour', 'operating_end_hour'],
  },
  { collection: 'hospitals', fields: ['name', 'region', 'time_zone'] },
];

/** The sources of the rollups with the fields that any of them looks at, in the order of a build, and what is looked up. */
function sourcesOf(rollups: readonly Rollup[]): ProjectedSource[] {
  const fields = new Map<string, Set<string>>();
  for (const { source, fields: own } of rollups)
    fields.set(source, new Set([...(fields.get(source) ?? []), ...own]));
  return [...[...fields].map(([collection, all]) => ({ collection, fields: [...all].sort() })), ...lookedUp];
}

/** Raised when units or figures come to be stored in another way. */
const format = 1;

function definitionOf(rollups: readonly Rollup[], context: RollupContext): string {
  const meaning = rollups.map(({ collection, version, key, source, fields }) => [
    ...[collection, version, key],
    ...[source, fields],
  ]);
  return createHash('sha256')
    .update(JSON.stringify([format, meaning, context, sourcesOf(rollups)]))
    .digest('base64url');
}

/** Throws Gap when the unit does not hold what goes: the figures are not those of the records. */
function changedUnit(
  before: ReadonlyMap<string, number>,
  net: ReadonlyMap<string, number>,
): Map<string, number> {
  try {
    return changed(before, net);
  } catch (error) {
    if (error instanceof RangeError) throw new Gap('what a change takes away was not kept');
    throw error;
  }
}

/** Keeps the rollups of MongoDB's documents in MongoDB. */
export function createMongoSink(
  connection: Connection,
  rollups: readonly Rollup[],
  context: RollupContext,
): ProjectionSink {
  const name = 'mongodb';
  const definition = definitionOf(rollups, context);
  const states = rollupState.on(connection);
  const units = rollupUnits.on(connection);
  const groups = unitGroups(rollups);
  const byThemselves = documentRollups(rollups);
  const transactionOptions = {
    readConcern: { level: 'snapshot' },
    writeConcern: { w: 'majority' },
    readPreference: 'primary',
  } as const;

  /** Whatever it adds up to, turn by turn. */
  async function sumsOf(changes: readonly Change[]): Promise<Sums> {
    const alone = byThemselves.map((): Increments => new Map());
    const inUnits = groups.map((): UnitChanges => new Map());
    let began = performance.now();
    for (let n = 0; n < changes.length; n += changesPerTurn) {
      if (performance.now() - began > turnMs) {
        await endOfTurn();
        began = performance.now();
      }
      const some = changes.slice(n, n + changesPerTurn);
      for (const [of, rollup] of byThemselves.entries()) documentIncrements(rollup, some, context, alone[of]);
      for (const [of, group] of groups.entries()) unitChanges(group, some, context, inUnits[of]);
    }
    return { alone, inUnits };
  }

  async function increase(rollup: Rollup, increments: Increments, session: ClientSession): Promise<void> {
    const documents = connection.collection<RollupDocument>(rollup.collection);
    let operations: AnyBulkWriteOperation<RollupDocument>[] = [];
    const write = async (): Promise<void> => {
      if (operations.length > 0) await documents.bulkWrite(operations, { session, ordered: false });
      operations = [];
    };
    for (const { _id, key, figures } of effective(increments)) {
      const parts = Object.fromEntries(rollup.key.map((part, n) => [part, key[n]]));
      const update = { $inc: figures, $setOnInsert: parts };
      operations.push({ updateOne: { filter: { _id }, update, upsert: true } });
      if (operations.length >= writesPerTurn) await write();
    }
    await write();
  }

  async function storedUnits(
    ids: readonly string[],
    session: ClientSession,
  ): Promise<Map<string, readonly string[]>> {
    const stored = await units.find({ _id: { $in: ids } }, { session, batchSize: ids.length }).toArray();
    return new Map(stored.map(({ _id, records }) => [_id, records]));
  }

  /** Stores the units as they are after the changes, and adds what they make of it to the rollups of their groups. */
  async function changeUnits(changes: readonly UnitChanges[], session: ClientSession): Promise<void> {
    const sums = groups.map(({ rollups: members }) => members.map((): Increments => new Map()));
    // All groups in one list: what a small batch costs is how often the store is asked.
    const all = groups.flatMap((group, of) =>
      [...changes[of]!].map(([unit, net]) => ({ _id: `${group.name} ${unit}`, group, of, unit, net })),
    );
    for (let n = 0; n < all.length; n += unitsPerTurn) {
      const some = all.slice(n, n + unitsPerTurn);
      const ids = some.map(({ _id }) => _id);
      const stored = await storedUnits(ids, session);
      const operations: AnyBulkWriteOperation<UnitDocument>[] = [];
      for (const { _id, group, of, unit, net } of some) {
        const known = stored.get(_id);
        const before = counted(known ?? []);
        const after = changedUnit(before, net);
        addUnit(sums[of]!, group, unit, [before, after], context);
        const records = listed(after);
        // Inserts would be one more command.
        if (after.size > 0)
          operations.push({ replaceOne: { filter: { _id }, replacement: { records }, upsert: true } });
        else if (known) operations.push({ deleteOne: { filter: { _id } } });
      }
      if (operations.length > 0) await units.bulkWrite(operations, { session, ordered: false });
    }
    for (const [of, { rollups: members }] of groups.entries())
      for (const [n, rollup] of members.entries()) await increase(rollup, sums[of]![n]!, session);
  }

  /** Of all that is applied, one after the other. */
  let applying: ClientSession | undefined;
  const applyingSession = (): ClientSession => (applying ??= connection.getClient().startSession());

  async function inTransaction<T>(work: (session: ClientSession) => Promise<T>): Promise<T> {
    const session = await connection.startSession();
    try {
      return await session.withTransaction(() => work(session), transactionOptions);
    } finally {
      await session.endSession();
    }
  }

  /** Stores it unless another process has gone on. */
  const storeUnlessFenced = (state: ProjectionState): Promise<boolean> =>
    inTransaction(async (session) => {
      const stored = await states.findOne({ _id: name }, { session });
      if (stored && stored.fence > state.fence) return false;
      await states.replaceOne({ _id: name }, toDocument(name, state), { session, upsert: true });
      return true;
    });

  /** Dropping is at once, however much there is; what is declared for it is built while it is empty. */
  async function empty({
    collection,
    indexes,
  }: Pick<MongoCollection, 'collection' | 'indexes'>): Promise<void> {
    const db = connection.db!;
    await db.collection(collection).drop();
    await db.createCollection(collection);
    if (indexes.length > 0) await db.collection(collection).createIndexes(indexes.map(mongoIndexDescription));
  }

  return {
    name,
    sources: sourcesOf(rollups),
    definition,

    async read() {
      const stored = await states.findOne({ _id: name }, { readPreference: 'primary' });
      return stored && toState(stored);
    },

    async reset(state) {
      // Until everything is empty it is nobody's definition, so that the one who finds it half done begins again; and from here on,
      // what an earlier process would still apply is refused.
      if (!(await storeUnlessFenced({ ...state, definition: '', token: null }))) return false;
      for (const emptied of [...rollups, rollupUnits]) {
        await empty(emptied);
        const stored = await states.findOne({ _id: name });
        if (!stored || stored.fence <= state.fence) continue;
        // This process was held up, and what it has just emptied is another one's: that must be built once more.
        await states.updateOne({ _id: name }, { $set: { definition: '' } });
        return false;
      }
      return storeUnlessFenced(state);
    },

    async apply(changes, from, to) {
      const { alone, inUnits } = await sumsOf(changes);
      const [expected, next] = [toDocument(name, from), toDocument(name, to)];
      const applied = async (session: ClientSession): Promise<boolean> => {
        const stored = await states.findOne({ _id: name }, { session });
        if (!stored) return false;
        // An earlier attempt, whose outcome was unknown, had succeeded.
        if (isSame(stored, next)) return true;
        if (!isSame(stored, expected)) return false;
        for (const [n, rollup] of byThemselves.entries()) await increase(rollup, alone[n]!, session);
        await changeUnits(inUnits, session);
        await states.replaceOne({ _id: name }, next, { session });
        return true;
      };
      // Anyone who only marks the figures as outdated does so beside what is just being applied.
      if (to.definition !== definition) return inTransaction(applied);
      const session = applyingSession();
      return session.withTransaction(() => applied(session), transactionOptions);
    },

    sessionId: () => applyingSession().id,
  };
}
