import type { Connection } from 'mongoose';
import type { ReachPoint } from '../../contracts/crash-points.js';
import { inQueue, queues, type Consumers, type Queue } from '../../contracts/hand-overs.js';
import type { Clock } from '../../lib/clock.js';
import type { NewId } from '../../lib/ids.js';
import type { Logger } from '../../lib/logger.js';
import type { Knex } from '../postgres/postgres.js';
import { createOutbox, type Outbox } from './outbox.js';
import { createSqlOutbox, type SqlOutbox } from './sql-outbox.js';

/** The queues of all hand-overs, each with a relay of its own. */
export interface Outboxes {
  readonly mongodb: Outbox;
  readonly mail: Outbox;
  readonly postgres: SqlOutbox;
  /** Applies what comes for these, and nothing else: the other hand-overs are those of other processes. */
  start(consumers: Consumers): void;
  stop(): Promise<void>;
}

export function createOutboxes(deps: {
  readonly connection: Connection;
  readonly knex: Knex;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly logger: Logger;
  readonly reach: ReachPoint<string>;
}): Outboxes {
  const relays = {
    mongodb: createOutbox(deps),
    mail: createOutbox(deps),
    postgres: createSqlOutbox(deps),
  } satisfies Record<Queue, unknown>;
  const consumersIn = (queue: Queue, consumers: Consumers): Consumers =>
    Object.fromEntries(inQueue(queue).flatMap((name) => (consumers[name] ? [[name, consumers[name]]] : [])));
  return {
    ...relays,
    start(consumers) {
      for (const queue of queues) relays[queue].start(consumersIn(queue, consumers));
    },
    async stop() {
      await Promise.all(queues.map((queue) => relays[queue].stop()));
    },
  };
}
