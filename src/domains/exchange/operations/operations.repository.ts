import type { Knex } from 'knex';
import type { Connection } from 'mongoose';
import { queryLimitMs } from '../../../databases/mongo/mongo.js';

interface Member {
  readonly name: string;
  /** `PRIMARY`, `SECONDARY`, `DOWN`, … */
  readonly state: string;
  /** Behind the primary; null where nothing says. */
  readonly lag_seconds: number | null;
}

export interface ReplicaSetState {
  readonly members: readonly Member[];
  /** How long a member may be away and still catch up; null where we may not read it. */
  readonly oplog_hours: number | null;
}

export interface PostgresState {
  readonly started_at: Date;
  readonly connections: number;
  readonly most_connections: number;
  readonly replicas: number;
  /** Of the replica that is furthest behind; null without one. */
  readonly lag_seconds: number | null;
}

interface SetStatus {
  readonly members: readonly {
    readonly name: string;
    readonly stateStr: string;
    readonly optimeDate?: Date;
  }[];
}

const replicas = `
  select pg_postmaster_start_time() as started_at,
    (select count(*)::integer from pg_stat_activity where backend_type = 'client backend') as connections,
    current_setting('max_connections')::integer as most_connections,
    (select count(*)::integer from pg_stat_replication) as replicas,
    (select extract(epoch from max(replay_lag))::float from pg_stat_replication) as lag_seconds`;

/** The servers themselves. */
export function createOperationsRepository(connection: Connection, knex: Knex) {
  /** From the oldest entry of the oplog to the newest. */
  async function oplogHours(): Promise<number | null> {
    const oplog = connection.getClient().db('local').collection<{ wall: Date }>('oplog.rs');
    const end = ($natural: 1 | -1) =>
      oplog
        .find({}, { projection: { wall: 1 }, maxTimeMS: queryLimitMs })
        .sort({ $natural })
        .limit(1)
        .next();
    const [first, last] = await Promise.all([end(1), end(-1)]);
    return first && last && (last.wall.getTime() - first.wall.getTime()) / 3_600_000;
  }

  return {
    async replicaSet(): Promise<ReplicaSetState> {
      const [status, oplog_hours] = await Promise.all([
        connection.getClient().db('admin').command({ replSetGetStatus: 1 }, { timeoutMS: queryLimitMs }),
        // A user of a server of one's own may be kept from `local`.
        oplogHours().catch(() => null),
      ]);
      const { members } = status as unknown as SetStatus;
      const newest = members.find(({ stateStr }) => stateStr === 'PRIMARY')?.optimeDate?.getTime();
      return {
        oplog_hours,
        members: members.map(({ name, stateStr: state, optimeDate }) => ({
          ...{ name, state },
          lag_seconds: newest && optimeDate ? Math.max(0, (newest - optimeDate.getTime()) / 1000) : null,
        })),
      };
    },

    async postgres(): Promise<PostgresState> {
      return (await knex.raw<{ rows: PostgresState[] }>(replicas)).rows[0]!;
    },
  };
}

export type OperationsRepository = ReturnType<typeof createOperationsRepository>;
