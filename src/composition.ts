import type { Config } from './config.js';
import { reachPoints } from './contracts/crash-points.js';
import type { Consumers } from './contracts/hand-overs.js';
import { modules as allModules, type ModuleName } from './contracts/modules.js';
import { createFiles } from './databases/mongo/files.js';
import { createLocks } from './databases/mongo/locks.js';
import { createTransact } from './databases/mongo/mongo.js';
import { createProcesses } from './databases/mongo/processes.js';
import { createWriteTimes } from './databases/mongo/write-times.js';
import { createInbox, createSqlInbox } from './databases/outbox/inbox.js';
import { createOutboxes } from './databases/outbox/outboxes.js';
import { createTransactSql } from './databases/postgres/sql-transact.js';
import { composeClinical } from './domains/clinical/index.js';
import { composeExchange } from './domains/exchange/index.js';
import { composeIdentity } from './domains/identity/index.js';
import { composeMessages } from './domains/messages/index.js';
import type { Common, Module } from './domains/module.js';
import { composeMoney } from './domains/money/index.js';
import { composeNetwork } from './domains/network/index.js';
import { composeReports } from './domains/reports/index.js';
import type { AnyRoute } from './http/route.js';
import type { Clock } from './lib/clock.js';
import { createRendering, type Rendering } from './rendering/index.js';
import { createNewId } from './lib/ids.js';
import type { Logger } from './lib/logger.js';
import type { Stores } from './stores.js';

export interface Surroundings {
  readonly stores: Pick<Stores, 'connection' | 'knex'>;
  readonly config: Config;
  /** Signs access tokens; from the configuration or generated. */
  readonly jwtSecret: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

function commonOf({ stores: { connection, knex }, ...rest }: Surroundings, rendering: Rendering): Common {
  const { clock, config, logger } = rest;
  const writeTimes = createWriteTimes(connection);
  const newId = createNewId(clock);
  const reach = reachPoints(config.crashAt, () => process.kill(process.pid, 'SIGKILL'));
  return {
    ...{ ...rest, connection, knex, writeTimes, newId, reach, rendering },
    transact: createTransact(connection, undefined, writeTimes.committed),
    transactSql: createTransactSql(knex, undefined, writeTimes.committedSql),
    locks: createLocks(connection),
    files: createFiles(connection),
    processes: createProcesses(connection, config.modules, logger),
    inbox: createInbox(connection),
    sqlInbox: createSqlInbox(knex),
    outboxes: createOutboxes({ connection, knex, clock, newId, logger, reach }),
  };
}

/** Stores → modules, in order → what runs of them in this process. The only place that knows all modules. */
export function compose(surroundings: Surroundings) {
  const rendering = createRendering(surroundings.config.rendering);
  const common = commonOf(surroundings, rendering.rendering);
  // What an earlier module needs of a later one is a function that asks it when it is there.
  const identity = composeIdentity(common, {
    patients: {
      createForUser: (user, tx) => clinical.services.patients.createForUser(user, tx),
      linkUser: (id, user_id, tx) => clinical.services.patients.linkUser(id, user_id, tx),
      partsOf: (id) => clinical.services.patients.partsOf(id),
    },
    doctors: { linkUser: (id, user_id, tx) => network.services.doctors.linkUser(id, user_id, tx) },
    messages: {
      preferencesOf: (user_id) => messages.services.notifications.preferencesOf(user_id),
      setPreferences: (...of) => messages.services.notifications.setPreferencesOf(...of),
    },
    money: { knowsUser: (user_id) => money.services.payments.knowsUser(user_id) },
  });
  const network = composeNetwork(common, identity.services, {
    countPatientsInDepartment: (id, tx) => clinical.services.patients.countInDepartment(id, tx),
    countOpenAppointments: (id, tx) => clinical.services.appointments.countOpenForDoctor(id, tx),
    scheduledVisits: (...of) => clinical.services.appointments.listScheduledOfDoctor(...of),
    hadRecords: (doctor_id, tx) => clinical.services.hasRecordsOf({ doctor_id }, tx),
  });
  const people = { ...identity.services, ...network.services };
  const clinical = composeClinical(common, people, {
    isPaid: (id) => money.services.payments.isPaid(id),
    isInBooks: (id) => money.services.payments.isKnown(id),
    countUnsettled: (id) => money.services.payments.countUnsettled(id),
    knowsPatient: (id) => money.services.payments.knowsPatient(id),
    moneyEvents: (query) => money.services.payments.timelineOf(query),
    bookedMerge: (id) => money.services.patientMoves.ofMerge(id),
    notify: (message, tx) => messages.services.notifications.notify(message, tx),
  });
  const care = { ...people, ...clinical.services };
  const money = composeMoney(common, care);
  const messages = composeMessages(common, care);
  const reports = composeReports(common, { ...care, ...messages.services });
  const exchange = composeExchange(common, {
    ...{ ...care, ...money.services, ...messages.services, ...reports.services },
  });

  const modules: Record<ModuleName, Module<object>> = {
    ...{ identity, network, clinical, money, messages, reports, exchange },
  };
  const { config, outboxes, processes } = common;
  const running = config.modules.map((name) => modules[name]);
  const consumersOf = (some: readonly Module<object>[]): Consumers =>
    some.reduce<Consumers>((all, module) => ({ ...all, ...module.consumers }), {});
  const workers = [processes, ...running.flatMap((module) => module.workers)];
  return {
    ...{ ...care, ...money.services, ...messages.services, ...reports.services, ...exchange.services },
    ...{ outboxes, processes, writeTimes: common.writeTimes, rendering: rendering.rendering },
    /** Those that a process without MODULES serves, by module: what the documents describe. */
    routesOf: (name: ModuleName): readonly AnyRoute[] => modules[name].routes,
    allRoutes: allModules.flatMap((name) => modules[name].routes),
    routes: running.flatMap((module) => module.routes),
    /** For a command: it applies what waits for any module, whichever this machine's server runs. */
    startRelays: () => outboxes.start(consumersOf(Object.values(modules))),
    /** Starts what works in the background. */
    start(): void {
      outboxes.start(consumersOf(running));
      for (const worker of workers) worker.start();
    },
    async stop(): Promise<void> {
      await Promise.all([outboxes, ...workers].map((worker) => worker.stop()));
      await rendering.stop();
    },
  };
}

export type Parts = ReturnType<typeof compose>;
