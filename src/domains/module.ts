import type { Connection } from 'mongoose';
import type { Config } from '../config.js';
import type { ReachPoint } from '../contracts/crash-points.js';
import type { Consumers } from '../contracts/hand-overs.js';
import type { Files } from '../databases/mongo/files.js';
import type { Locks } from '../databases/mongo/locks.js';
import type { Processes } from '../databases/mongo/processes.js';
import type { Inbox } from '../databases/outbox/inbox.js';
import type { Outboxes } from '../databases/outbox/outboxes.js';
import type { Knex } from '../databases/postgres/postgres.js';
import type { AnyRoute } from '../http/route.js';
import type { Clock } from '../lib/clock.js';
import type { NewId } from '../lib/ids.js';
import type { Logger } from '../lib/logger.js';
import type { Periodic } from '../lib/periodic.js';
import type { Rendering } from '../rendering/index.js';
import type { MongoTransaction, SqlTransaction, Transact, TransactSql } from '../lib/transaction.js';
import type { WriteTimes } from '../lib/write-time.js';

/** What every module is composed with. */
export interface Common {
  readonly config: Config;
  /** Signs access tokens; from the configuration or generated. */
  readonly jwtSecret: string;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly logger: Logger;
  readonly reach: ReachPoint<string>;
  readonly connection: Connection;
  readonly knex: Knex;
  readonly transact: Transact;
  readonly transactSql: TransactSql;
  readonly writeTimes: WriteTimes;
  readonly locks: Locks;
  readonly files: Files;
  readonly rendering: Rendering;
  readonly processes: Processes;
  readonly outboxes: Outboxes;
  readonly inbox: Inbox<MongoTransaction>;
  readonly sqlInbox: Inbox<SqlTransaction>;
}

/**
 * A group of domains, composed. Its services are built in every process; its routes, workers and consumers run in the
 * processes whose MODULES name it.
 */
export interface Module<Services extends object> {
  readonly services: Services;
  readonly routes: readonly AnyRoute[];
  readonly workers: readonly Periodic[];
  readonly consumers: Consumers;
}
