import type { Config } from './config.js';
import type { Stores } from './stores.js';
import type Koa from 'koa';
import packageJson from '../package.json' with { type: 'json' };
import { createApp } from './app.js';
import { createTransact } from './databases/mongo.js';
import { createInbox, createSqlInbox } from './databases/inbox.js';
import { createLocks } from './databases/locks.js';
import { createOutbox } from './databases/outbox.js';
import { createSqlOutbox } from './databases/sql-outbox.js';
import { createTransactSql } from './databases/sql-transact.js';
import { createAccounts, createPasswords, createTokens } from './domains/accounts/index.js';
import {
  appointmentCancelled,
  appointmentCompleted,
  createAppointments,
} from './domains/appointments/index.js';
import { createAudit } from './domains/audit/index.js';
import { createBilling } from './domains/billing/index.js';
import { createDepartments } from './domains/departments/index.js';
import { createDoctors } from './domains/doctors/index.js';
import { createHospitals } from './domains/hospitals/index.js';
import { createImports } from './domains/imports/index.js';
import { createNotifications } from './domains/notifications/index.js';
import { createPatients } from './domains/patients/index.js';
import { createPayments, paymentChanged } from './domains/payments/index.js';
import { createPrescriptions } from './domains/prescriptions/index.js';
import { createReports } from './domains/reports/index.js';
import { createSeeding } from './domains/seeding/index.js';
import { createWaitingList } from './domains/waiting-list/index.js';
import { documentRoutes } from './http/documents.js';
import { createLimits } from './http/limits.js';
import { createMetrics } from './http/metrics.js';
import { verifyToken } from './http/middleware/verify-token.js';
import { mount } from './http/mount.js';
import { openApiDocument } from './http/openapi.js';
import { probeRoutes } from './http/probes.js';
import type { AnyRoute } from './http/route.js';
import type { Clock } from './lib/clock.js';
import { reachPoints } from './lib/crash-points.js';
import { createNewId } from './lib/ids.js';
import type { Logger } from './lib/logger.js';
import { periodic } from './lib/periodic.js';

export interface Surroundings {
  readonly stores: Pick<Stores, 'connection' | 'knex'>;
  readonly config: Config;
  /** Signs access tokens; from the configuration or generated. */
  readonly jwtSecret: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Wires databases → repositories → services → routes. The only place that knows all of them. */
export function compose({ stores, config, jwtSecret, clock, logger }: Surroundings) {
  const { connection, knex } = stores;
  const transact = createTransact(connection);
  const newId = createNewId(clock);
  const transactSql = createTransactSql(knex);
  const reach = reachPoints(config.crashAt, () => process.kill(process.pid, 'SIGKILL'));
  const locks = createLocks(connection);
  const inbox = createInbox(connection);
  const sqlInbox = createSqlInbox(knex);
  const common = { connection, transact, clock, newId, logger, locks, reach };
  const outbox = createOutbox({ connection, clock, newId, logger, reach });
  const sqlOutbox = createSqlOutbox({ knex, clock, newId, logger, reach });
  void [transactSql, inbox, sqlInbox];

  // Where two domains need one another, the earlier one is given a function that asks the later one.
  const hospitals = createHospitals({
    ...common,
    timeZone: config.hospitalTimeZone,
    countDepartments: (id, tx) => departments.service.countOfHospital(id, tx),
  });
  const departments = createDepartments({
    ...common,
    hospitals: hospitals.service,
    countDoctors: (id, tx) => doctors.service.countInDepartment(id, tx),
    countPatients: (id, tx) => patients.service.countInDepartment(id, tx),
  });
  const doctors = createDoctors({
    ...common,
    hospitals: hospitals.service,
    departments: departments.service,
    countOpenAppointments: (id, tx) => appointments.service.countOpenForDoctor(id, tx),
    closeAccount: (id, tx) => accounts.service.close(id, tx),
  });
  const patients = createPatients({
    ...common,
    departments: departments.service,
    timeZone: config.hospitalTimeZone,
    countOpenAppointments: (id, tx) => appointments.service.countOpenForPatient(id, tx),
    closeAccount: (id, tx) => accounts.service.close(id, tx),
    countUnpaidBilling: async (id, tx) =>
      (await outbox.countWaiting(id, tx)) + (await billing.service.countForPatient(id)),
  });
  const appointments = createAppointments({
    ...common,
    hospitals: hospitals.service,
    doctors: doctors.service,
    patients: patients.service,
    outbox,
    bookingDays: config.bookingDays,
    countPrescriptions: (id, tx) => prescriptions.service.countOfAppointment(id, tx),
  });
  const prescriptions = createPrescriptions({
    ...common,
    hospitals: hospitals.service,
    doctors: doctors.service,
    patients: patients.service,
    appointments: appointments.service,
  });
  const billing = createBilling({
    knex,
    newId,
    hospitals: hospitals.service,
    patients: patients.service,
    appointments: appointments.service,
    prescriptions: prescriptions.service,
  });
  const notifications = createNotifications();
  const waitingList = createWaitingList();
  const payments = createPayments();
  const audit = createAudit(common);
  const passwords = createPasswords({ cost: config.bcryptCost });
  const { previousSecrets, ...jwt } = config.jwt;
  const tokens = createTokens({ ...jwt, secrets: { current: jwtSecret, previous: previousSecrets } });
  const accounts = createAccounts({
    ...common,
    passwords,
    tokens,
    audit: audit.service,
    patients: patients.service,
    doctors: doctors.service,
    refreshSeconds: config.jwt.refreshSeconds,
  });
  const reports = createReports({
    connection,
    knex,
    clock,
    timeZone: config.reportTimeZone,
    episodeGapDays: config.episodeGapDays,
    hospitalIdsOf: hospitals.service.idsOf,
    exists: {
      hospital_id: async (id) => (await hospitals.service.find(id)) !== null,
      department_id: async (id) => (await departments.service.find(id)) !== null,
      doctor_id: async (id) => (await doctors.service.find(id)) !== null,
    },
  });
  /** Where records come in bulk, from other systems or made up. */
  const targets = {
    hospitals: hospitals.service,
    departments: departments.service,
    doctors: doctors.service,
    patients: patients.service,
    appointments: appointments.service,
    prescriptions: prescriptions.service,
    billing: billing.service,
  };
  const seeding = createSeeding({ targets });
  const imports = createImports({
    connection,
    clock,
    targets,
    hasHospitals: async () => (await hospitals.service.list({}, { limit: 1 })).items.length > 0,
  });
  const domains = [
    accounts,
    hospitals,
    departments,
    doctors,
    patients,
    appointments,
    prescriptions,
    billing,
    payments,
    notifications,
    waitingList,
    reports,
  ];
  const background = [periodic('waiting list', 10_000, () => waitingList.service.sweep(), logger)];
  return {
    accounts: accounts.service,
    sessions: accounts.sessions,
    tokens,
    hospitals: hospitals.service,
    departments: departments.service,
    doctors: doctors.service,
    patients: patients.service,
    appointments: appointments.service,
    prescriptions: prescriptions.service,
    billing: billing.service,
    payments: payments.service,
    notifications: notifications.service,
    waitingList: waitingList.service,
    reports: reports.service,
    imports: imports.service,
    seeding: seeding.service,
    outbox,
    sqlOutbox,
    /** Starts what works in the background. */
    start(): void {
      outbox.start({
        [appointmentCompleted]: billing.service.consumeCompleted,
        [appointmentCancelled]: payments.service.consumeCancelled,
      });
      sqlOutbox.start({ [paymentChanged]: appointments.service.consumePayment });
      for (const task of background) task.start();
    },
    async stop(): Promise<void> {
      await Promise.all([outbox, sqlOutbox, ...background].map((task) => task.stop()));
    },
    routes: domains.flatMap(({ routes }) => routes) as readonly AnyRoute[],
  };
}

export type Parts = ReturnType<typeof compose>;

/** The HTTP side of the parts. `isAccepting` turns false when a stop is asked for. */
export function createHttp(parts: Parts, around: Surroundings, isAccepting: () => boolean): Koa {
  const { stores, config, logger } = around;
  const metrics = createMetrics();
  const limits = createLimits(stores.connection, config.limits);
  const answers = (probe: Promise<unknown>): Promise<boolean> =>
    probe.then(
      () => true,
      () => false,
    );
  const check = async (): Promise<Record<string, boolean>> => ({
    mongodb: await answers(stores.connection.db!.admin().command({ ping: 1 }, { timeoutMS: 2000 })),
    postgres: await answers(stores.knex.raw('select 1').timeout(2000)),
  });
  const api = mount(parts.routes, {
    limits,
    verifyToken: verifyToken(parts.tokens),
    actorOf: (claims) => parts.sessions.actorOf(claims),
  });
  const routers = [
    api,
    probeRoutes({ metrics, metricsToken: config.metricsToken, isAccepting, check }),
    documentRoutes(openApiDocument(parts.routes, packageJson.version)),
  ];
  return createApp({ logger, metrics, trustedProxyHops: config.trustedProxyHops, routers });
}
