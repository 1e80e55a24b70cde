import { randomUUID } from 'node:crypto';
import type { Connection } from 'mongoose';
import type { ModuleName } from '../../contracts/modules.js';
import type { Logger } from '../../lib/logger.js';
import { periodic, type Periodic } from '../../lib/periodic.js';
import { by } from './mongo-index.js';
import { defineCollection } from './mongo-model.js';
import { queryLimitMs } from './mongo.js';

export interface ProcessDocument {
  readonly _id: string;
  readonly modules: readonly ModuleName[];
  /** By MongoDB's clock. */
  readonly seen_at: Date;
}

/** Which processes live, and the modules that each runs. */
export interface Processes extends Periodic {
  /** Those that live. */
  list(): Promise<readonly ProcessDocument[]>;
  runningModules(): Promise<ReadonlySet<ModuleName>>;
  /** Whether another one lives; when MongoDB does not answer, that may be. */
  areOthers(): Promise<boolean>;
}

const beatMs = 5_000;
/** Longer than an election: a process that could not say that it lives is no dead one yet. */
const silentMs = 20_000;

export const processesCollection = defineCollection<ProcessDocument>({
  collection: 'processes',
  fields: { _id: 'string', modules: 'string[]', seen_at: 'date' },
  indexes: [
    {
      key: by('seen_at'),
      expireAfterSeconds: 3600,
      serves: 'a process that could not take its entry with it is forgotten',
    },
  ],
});

/** While it runs, this process says every few seconds that it lives; a process that stops takes its entry with it. */
export function createProcesses(
  connection: Connection,
  modules: readonly ModuleName[],
  logger: Logger,
): Processes {
  const processes = processesCollection.on(connection);
  const _id = randomUUID();
  const beat = async (): Promise<void> => {
    await processes.updateOne(
      { _id },
      { $set: { modules: [...modules] }, $currentDate: { seen_at: true } },
      { upsert: true },
    );
  };
  const isAlive = { $gt: ['$seen_at', { $subtract: ['$$NOW', silentMs] }] };
  const living = () => processes.find({ $expr: isAlive }, { maxTimeMS: queryLimitMs }).toArray();
  const beats = periodic('sign of life', beatMs, beat, logger);
  let first: Promise<unknown> = Promise.resolve();
  return {
    start() {
      first = beat().catch(() => undefined);
      beats.start();
    },
    async stop() {
      await Promise.all([first, beats.stop()]);
      await processes.deleteOne({ _id }).catch(() => undefined);
    },
    list: living,
    async runningModules() {
      return new Set((await living()).flatMap((process) => process.modules));
    },
    areOthers: () =>
      living().then(
        (all) => all.some((process) => process._id !== _id),
        () => true,
      ),
  };
}
