import type { ProjectionState, Projector } from '../../../databases/projector/projector.types.js';
import { dateOf, type WriteTime } from '../../../lib/write-time.js';
import type { SqlRollups, SqlRollupsReading } from './sql-rollups.repository.js';
import type {
  MongoQuery,
  RollupsInStep,
  RollupsReading,
  Sources,
  SqlQuery,
} from '../engine/reports.types.js';

/** How the figures of one keeper stand. */
interface Standing {
  /** Equal versions, equal figures; it rises. */
  readonly version: bigint;
  /** The moment of MongoDB's clock up to which everything is in; undefined where none of it is in them. */
  readonly position?: WriteTime | undefined;
  /** The moment of Postgres' clock. */
  readonly at?: Date | undefined;
}

/** What keeps figures. */
interface Keeper<Query> {
  readonly name: string;
  /** Once everything up to `after` is in; null when that takes too long, and while they are built. */
  standing(after: WriteTime | undefined): Promise<Standing | null>;
  /** Asks for one row about it beside the figures. */
  readonly stamp: Query;
  /** Reads that row. */
  read(row: object | undefined): Standing | null;
}

interface Keepers {
  readonly mongodb: readonly Keeper<MongoQuery>[];
  readonly postgres: readonly Keeper<SqlQuery>[];
}

/** `keepers` names those of Postgres whose figures are read; left out: all of them. */
export interface KeptSources extends Sources {
  readonly keepers?: readonly string[];
}

/** Of `triggerKeeper`. */
export const triggers = 'triggers';

/** Longer than a projection that keeps up ever lags behind, and shorter than it takes to sum up the records. */
const withinMs = 2_000;

type KeptState = Pick<ProjectionState, 'definition' | 'status' | 'version'> & {
  readonly position: bigint | string;
};

const standingOf = (state: KeptState | null, definition: string): Standing | null =>
  state?.status === 'live' && state.definition === definition
    ? { version: BigInt(state.version), position: BigInt(state.position) }
    : null;

/** The figures that a projection keeps in MongoDB; `name` is that of its sink. */
export const documentKeeper = (
  projector: Pick<Projector, 'caughtUp'>,
  { name, definition }: { readonly name: string; readonly definition: string },
): Keeper<MongoQuery> => ({
  name,
  standing: async (after) => standingOf(await projector.caughtUp(after, withinMs), definition),
  stamp: {
    collection: 'rollup_state',
    pipeline: [
      { $match: { _id: name } },
      { $project: { _id: 0, definition: 1, status: 1, version: 1, position: 1 } },
    ],
  },
  read: (row) => standingOf((row as KeptState | undefined) ?? null, definition),
});

/** The same in Postgres. */
export const sqlProjectionKeeper = (
  projector: Pick<Projector, 'caughtUp'>,
  { name, definition }: { readonly name: string; readonly definition: string },
): Keeper<SqlQuery> => ({
  name,
  standing: async (after) => standingOf(await projector.caughtUp(after, withinMs), definition),
  stamp: { text: 'select state from projections where name = ?', bindings: [name] },
  read: (row) => standingOf((row as { state: KeptState } | undefined)?.state ?? null, definition),
});

/** What Postgres' triggers keep, by the calendar of one zone: in step with anyone who writes. */
export function triggerKeeper(
  rollups: Pick<SqlRollups, 'reading' | 'stamp' | 'read'>,
  timeZone: string,
): Keeper<SqlQuery> {
  const standing = (reading: SqlRollupsReading | null): Standing | null =>
    reading && { version: reading.version, at: reading.as_of };
  return {
    name: triggers,
    standing: async () => standing(await rollups.reading(timeZone)),
    stamp: rollups.stamp,
    read: (row) => standing(rollups.read(row, timeZone)),
  };
}

/** All of them; null when one of them may not answer. */
function readingOf(standings: readonly (Standing | null)[]): RollupsReading | null {
  const all = standings.filter((standing) => standing !== null);
  if (all.length === 0 || all.length < standings.length) return null;
  const positions = all.flatMap(({ position }) => (position === undefined ? [] : [position]));
  const oldest = positions.toSorted((a, b) => (a < b ? -1 : 1))[0];
  return {
    version: all.map(({ version }) => version).join('.'),
    as_of: {
      mongodb: oldest === undefined ? null : dateOf(oldest),
      postgres: all.find(({ at }) => at)?.at ?? null,
    },
  };
}

const versionsOf = ({ version }: RollupsReading): bigint[] => version.split('.').map(BigInt);

const isAsNew = (reading: RollupsReading, than: RollupsReading): boolean => {
  const versions = versionsOf(reading);
  return versionsOf(than).every((version, index) => versions[index]! >= version);
};

const later = (a: Date | null, b: Date | null): Date | null => (a === null || (b && b > a) ? b : a);

const stampName = (index: number): string => `standing_${index}`;

/** Whether figures may answer, by those who keep the figures of the stores that are asked. */
export function createRollupsInStep(keepers: Keepers): RollupsInStep {
  function askedBy({ mongodb, postgres, keepers: names }: KeptSources): Keepers {
    return {
      mongodb: mongodb ? keepers.mongodb : [],
      postgres: postgres ? keepers.postgres.filter(({ name }) => names?.includes(name) ?? true) : [],
    };
  }

  return {
    async reading(after, sources) {
      const { mongodb, postgres } = askedBy(sources);
      const asked = [...mongodb, ...postgres];
      return readingOf(await Promise.all(asked.map((keeper) => keeper.standing(after))));
    },

    stamp: (sources) => ({
      ...(sources.mongodb && {
        mongodb: {
          collection: sources.mongodb.collection,
          pipeline: [
            ...sources.mongodb.pipeline,
            ...askedBy(sources).mongodb.map(({ stamp: { collection, pipeline } }, index) => ({
              $unionWith: {
                coll: collection,
                pipeline: [...pipeline, { $project: { [stampName(index)]: '$$ROOT' } }],
              },
            })),
          ],
        },
      }),
      ...(sources.postgres && {
        postgres: {
          ...sources.postgres,
          ...Object.fromEntries(
            askedBy(sources).postgres.map(({ stamp }, index) => [stampName(index), stamp]),
          ),
        },
      }),
    }),

    unstamp(before, results, sources) {
      const rows = [...results.mongodb];
      const sql = { ...results.postgres };
      const { mongodb, postgres } = askedBy(sources);
      const ofDocuments = mongodb.map(({ read }, index) => {
        const at = rows.findLastIndex((row) => stampName(index) in row);
        const [row] = at === -1 ? [] : rows.splice(at, 1);
        return read((row as Record<string, object> | undefined)?.[stampName(index)]);
      });
      const ofTables = postgres.map(({ read }, index) => {
        const [row] = sql[stampName(index)] ?? [];
        delete sql[stampName(index)];
        return read(row);
      });
      const stood = readingOf([...ofDocuments, ...ofTables]);
      if (!stood || !isAsNew(stood, before)) return null;
      // A state is stored when figures change: meanwhile it was seen to hold for longer.
      const as_of = {
        mongodb: later(stood.as_of.mongodb, before.as_of.mongodb),
        postgres: stood.as_of.postgres,
      };
      return { results: { mongodb: rows, postgres: sql }, reading: { version: stood.version, as_of } };
    },
  };
}

/** Where nothing is kept. */
export const noRollups: RollupsInStep = createRollupsInStep({ mongodb: [], postgres: [] });
