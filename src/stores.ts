import type { Connection } from 'mongoose';
import { ConfigError, type Config } from './config.js';
import { openEmbedded } from './databases/embedded/index.js';
import { opening } from './databases/failures.js';
import { buildIndexes } from './databases/indexes.js';
import { foldNames } from './databases/mongo/fold-names.js';
import { dropLeftBehind } from './databases/mongo/left-behind.js';
import { closeMongo, connectMongo } from './databases/mongo/mongo.js';
import {
  closePostgres,
  connectPostgres,
  isCommitDurable,
  migratePostgres,
  type Knex,
} from './databases/postgres/postgres.js';
import { fillCareTeams } from './domains/clinical/patients/index.js';
import type { Logger } from './lib/logger.js';
import { models } from './models.js';

export interface Stores {
  readonly connection: Connection;
  readonly knex: Knex;
  readonly mongodbUri: string;
  readonly postgresUri: string;
  /** Whether embedded servers run for us: 'own' end with us, 'joined' belong to a running `npm start`. */
  readonly embedded: 'none' | 'own' | 'joined';
  close(): Promise<void>;
}

interface OpenOptions {
  /** The MongoDB database, when the URI names none. */
  readonly dbName?: string | undefined;
  /** False: takes both as they are, for a command that looks at them. */
  readonly prepare?: boolean;
}

const looseCommits =
  'POSTGRES_URI leads to a server with synchronous_commit = off: a crash of it would lose payments that were acknowledged. ' +
  'Turn it on for the server, the database or the role';

/**
 * Opens both databases: those of the configuration, or the embedded ones of its data directory (which are started when
 * they do not run yet). Migrates and builds what is missing.
 */
export async function openStores(
  config: Config,
  logger: Logger,
  { dbName = 'smart_healthcare', prepare = true }: OpenOptions = {},
): Promise<Stores> {
  const embedded = await openEmbedded({
    dataDir: config.dataDir,
    ...(config.mongodBinary ? { mongodBinary: config.mongodBinary } : {}),
    needs: { mongodb: !config.mongodbUri, postgres: !config.postgresUri },
    mend: true,
    log: (message: string) => logger.info(message),
  });
  const mongodbUri = config.mongodbUri ?? embedded.mongodbUri!;
  const postgresUri = config.postgresUri ?? embedded.postgresUri!;
  let connection: Connection | undefined;
  let knex: Knex | undefined;
  const close = async (): Promise<void> => {
    if (connection) await closeMongo(connection);
    if (knex) await closePostgres(knex);
    await embedded.stop();
  };
  try {
    const named = new URL(mongodbUri.replace(/,[^/?]*/, '')).pathname.length > 1;
    connection = await opening(mongodbUri, () => connectMongo(mongodbUri, named ? {} : { dbName }));
    const sql = (knex = connectPostgres(postgresUri));
    await opening(postgresUri, () => sql.raw<unknown>('select 1'));
    if (prepare) {
      if (!(await isCommitDurable(knex))) throw new ConfigError([looseCommits]);
      await migratePostgres(knex);
      await buildIndexes(connection, knex, models);
      const folded = await foldNames(connection, models.mongodb, config.phoneRegion);
      if (folded > 0)
        logger.info({ folded }, 'names and numbers that an earlier version wrote can be searched');
      const treated = await fillCareTeams(connection);
      if (treated > 0) logger.info({ treated }, 'patients of an earlier version have their care teams');
      const dropped = await dropLeftBehind(connection, models.mongodb);
      if (dropped.length > 0) logger.info({ dropped }, 'what an earlier version kept for reports is gone');
    }
  } catch (error) {
    await close();
    throw error;
  }
  const used = !config.mongodbUri || !config.postgresUri;
  return {
    connection,
    knex,
    mongodbUri,
    postgresUri,
    embedded: used ? (embedded.owned ? 'own' : 'joined') : 'none',
    close,
  };
}
