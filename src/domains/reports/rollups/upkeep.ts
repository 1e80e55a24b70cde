import { randomUUID } from 'node:crypto';
import { createProjector, type SupervisedProjector } from '../../../databases/projector/projector.js';
import { loggable } from '../../../lib/logger.js';
import { periodic, type Periodic } from '../../../lib/periodic.js';
import type { Common } from '../../module.js';
import type { RollupsInStep } from '../engine/reports.types.js';
import { createRollupsInStep, documentKeeper, sqlProjectionKeeper, triggerKeeper } from './in-step.js';
import { createPrescribedSink } from './prescribed.repository.js';
import { rollupCatalogue } from './rollup.catalogue.js';
import { createMongoSink } from './rollups.repository.js';
import { createSqlRollups } from './sql-rollups.repository.js';

/** What was posted meanwhile is what a question reads row by row. */
const foldMs = 5_000;

export interface Upkeep {
  readonly projectors: Readonly<Record<'documents' | 'prescribed', SupervisedProjector>>;
  readonly rollups: RollupsInStep;
  readonly upkeep: Periodic;
}

/** What keeps the reports' figures in step with the records. */
export function createUpkeep({ connection, knex, transactSql, config, logger, reach }: Common): Upkeep {
  const { reportTimeZone: timeZone, episodeGapDays: gapDays } = config;
  const sinks = {
    documents: createMongoSink(connection, rollupCatalogue, { timeZone, gapDays }),
    prescribed: createPrescribedSink(knex, transactSql),
  };
  const common = { connection, holder: randomUUID(), logger, reach };
  const projectors = {
    documents: createProjector({ ...common, sink: sinks.documents }),
    prescribed: createProjector({ ...common, sink: sinks.prescribed }),
  };
  const sql = createSqlRollups(knex, transactSql);
  const rollups = createRollupsInStep({
    mongodb: [documentKeeper(projectors.documents, sinks.documents)],
    postgres: [triggerKeeper(sql, timeZone), sqlProjectionKeeper(projectors.prescribed, sinks.prescribed)],
  });
  const all = Object.values(projectors);
  const stopping = new AbortController();
  let isSummed = false;
  const sum = async (): Promise<void> => {
    if (!isSummed) await sql.keepBy(timeZone);
    isSummed = true;
    await sql.fold(stopping.signal);
  };
  let summing = Promise.resolve();
  const again = periodic('sums of the ledger', foldMs, sum, logger);
  const upkeep = {
    start(): void {
      if (config.rollups) for (const projector of all) projector.start();
      summing = sum().catch((error: unknown) => {
        logger.warn(
          { error: loggable(error) },
          'the ledger is not summed by the calendar of the reports yet',
        );
      });
      again.start();
    },
    async stop(): Promise<void> {
      stopping.abort();
      await Promise.all([summing, again.stop(), ...all.map((projector) => projector.stop())]);
    },
  };
  return { projectors, rollups, upkeep };
}
