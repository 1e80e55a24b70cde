import { composeReports } from './composition.reports.js';
import type { Config } from './config.js';
import type { Stores } from './stores.js';
import { createFiles } from './databases/mongo/files.js';
import { createTransact } from './databases/mongo/mongo.js';
import { createInbox, createSqlInbox } from './databases/outbox/inbox.js';
import { createLocks } from './databases/mongo/locks.js';
import { createOutbox } from './databases/outbox/outbox.js';
import { createSqlOutbox } from './databases/outbox/sql-outbox.js';
import { purgeSql } from './databases/postgres/sql-purge.js';
import { createTransactSql } from './databases/postgres/sql-transact.js';
import { createWriteTimes } from './databases/mongo/write-times.js';
import { createAccounts, createPasswords, createTokens } from './domains/identity/accounts/index.js';
import {
  appointmentCancelled,
  appointmentCompleted,
  createAppointments,
} from './domains/clinical/appointments/index.js';
import { createAudit } from './domains/identity/audit/index.js';
import { createBilling } from './domains/money/billing/index.js';
import { createDepartments } from './domains/network/departments/index.js';
import { createDoctors } from './domains/network/doctors/index.js';
import { createHospitals } from './domains/network/hospitals/index.js';
import { createImports } from './domains/exchange/imports/index.js';
import {
  createMail,
  createNotifications,
  notificationEmail,
} from './domains/messages/notifications/index.js';
import { createPatients } from './domains/clinical/patients/index.js';
import { createPayments, paymentChanged } from './domains/money/payments/index.js';
import { createPrescriptions } from './domains/clinical/prescriptions/index.js';
import { createReconciliation } from './domains/money/reconciliation/index.js';
import { createSeeding } from './domains/exchange/seeding/index.js';
import { createWaitingList } from './domains/clinical/waiting-list/index.js';
import type { AnyRoute } from './http/route.js';
import type { Clock } from './lib/clock.js';
import { reachPoints } from './lib/crash-points.js';
import { createNewId } from './lib/ids.js';
import type { Logger } from './lib/logger.js';
import { periodic } from './lib/periodic.js';
import type { MongoTransaction } from './lib/transaction.js';

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
  const writeTimes = createWriteTimes(connection);
  const transact = createTransact(connection, undefined, writeTimes.committed);
  const newId = createNewId(clock);
  const transactSql = createTransactSql(knex);
  const reach = reachPoints(config.crashAt, () => process.kill(process.pid, 'SIGKILL'));
  const locks = createLocks(connection);
  const files = createFiles(connection);
  const inbox = createInbox(connection);
  const sqlInbox = createSqlInbox(knex);
  const common = { connection, transact, clock, newId, logger, locks, reach };
  const outbox = createOutbox({ connection, clock, newId, logger, reach });
  // With a relay of its own: a mail server that hangs holds up nothing else.
  const mailOutbox = createOutbox({ connection, clock, newId, logger, reach });
  const sqlOutbox = createSqlOutbox({ knex, clock, newId, logger, reach });

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
    hadRecords: (doctor_id, tx) => hasRecordsOf({ doctor_id }, tx),
    closeAccount: (id, tx) => accounts.service.close(id, tx),
    accountClosed: () => accounts.service.closed(),
  });
  const patients = createPatients({
    ...common,
    departments: departments.service,
    timeZone: config.hospitalTimeZone,
    countOpenAppointments: (id, tx) => appointments.service.countOpenForPatient(id, tx),
    closeAccount: (id, tx) => accounts.service.close(id, tx),
    accountClosed: () => accounts.service.closed(),
    hadRecords: async (patient_id, tx) =>
      (await hasRecordsOf({ patient_id }, tx)) || (await payments.service.knowsPatient(patient_id)),
    countUnpaidBilling: async (id, tx) =>
      (await outbox.countWaiting(id, tx)) + (await payments.service.countUnsettled(id)),
  });
  /** Whether visits or prescriptions are kept that name this doctor or patient, who may be gone. */
  const hasRecordsOf = async (
    who: { doctor_id: string } | { patient_id: string },
    tx: MongoTransaction,
  ): Promise<boolean> =>
    (await appointments.service.hasAnyOf(who, tx)) || (await prescriptions.service.hasAnyOf(who, tx));
  const appointments = createAppointments({
    ...common,
    hospitals: hospitals.service,
    doctors: doctors.service,
    patients: patients.service,
    outbox,
    inbox,
    bookingDays: config.bookingDays,
    holdMinutes: config.holdMinutes,
    maxHolds: config.maxHolds,
    maxBookings: config.maxBookings,
    refundPolicy: config.refundPolicy,
    countPrescriptions: (id, tx) => prescriptions.service.countOfAppointment(id, tx),
    isPaid: (id) => payments.service.isPaid(id),
    isInBooks: (id) => payments.service.isKnown(id),
    notify: (message, tx) => notifications.service.notify(message, tx),
    offerFreed: async (slot, tx) => {
      if (config.features.waiting_list) await waitingList.service.offer(slot, tx);
    },
    offerAnswered: (hold_id, answer, tx) => waitingList.service.answered(hold_id, answer, tx),
  });
  const prescriptions = createPrescriptions({
    ...common,
    hospitals: hospitals.service,
    doctors: doctors.service,
    patients: patients.service,
    appointments: appointments.service,
  });
  const billing = createBilling({
    ...{ knex, transactSql, inbox: sqlInbox, newId, reach },
    hospitals: hospitals.service,
    patients: patients.service,
    appointments: appointments.service,
    prescriptions: prescriptions.service,
    payments: {
      lockForBill: (appointment_id, patient_id, tx) =>
        payments.service.lockForBill(appointment_id, patient_id, tx),
      allowFor: (bill, tx) => payments.service.allowFor(bill, tx),
    },
  });
  const { smtpUrl, from } = config.mail;
  const mail = smtpUrl === undefined ? undefined : createMail({ url: smtpUrl, from });
  const notifications = createNotifications({
    ...common,
    mail,
    outbox: mailOutbox,
    async userOf(who, tx) {
      const record =
        'patient_id' in who
          ? await patients.service.find(who.patient_id, tx)
          : await doctors.service.find(who.doctor_id, tx);
      return record?.user_id ?? null;
    },
    addressOf: (user_id) => accounts.service.emailOf(user_id),
    fileOf: (file_id) => files.find(file_id, clock.now()),
  });
  const waitingList = createWaitingList({
    ...common,
    doctors: doctors.service,
    patients: patients.service,
    hospitals: hospitals.service,
    freeSlots: appointments.service.freeSlots,
    holdFor: appointments.service.holdFor,
    releaseHold: appointments.service.releaseHold,
    isBooked: appointments.service.isBooked,
    notify: notifications.service.notify,
    bookingDays: config.bookingDays,
    offerMinutes: config.offerMinutes,
  });
  const payments = createPayments({
    ...{ knex, transactSql, inbox: sqlInbox, outbox: sqlOutbox, clock, newId, reach },
    config: config.payments,
    appointments: appointments.service,
    patients: patients.service,
    doctors: doctors.service,
    departments: departments.service,
    hospitals: hospitals.service,
    billing: billing.service,
  });
  const reconciliation = createReconciliation({
    ...{ ...common, knex },
    appointments: appointments.service,
    billing: billing.service,
    payments: payments.service,
    outboxes: [
      { ...outbox, store: 'mongodb' },
      { ...sqlOutbox, store: 'postgres' },
    ],
  });
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
  const reports = composeReports({
    ...{ ...common, knex, transactSql, config, writeTimes, files },
    notify: notifications.service.notify,
    askerOf: accounts.service.askerOf,
    hospitals: hospitals.service,
    departments: departments.service,
    doctors: doctors.service,
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
  /** What one store announced goes to the other from here on. */
  function startRelays(): void {
    outbox.start({
      [appointmentCompleted]: billing.service.consumeCompleted,
      [appointmentCancelled]: payments.service.consumeCancelled,
    });
    if (notifications.consumeEmail) mailOutbox.start({ [notificationEmail]: notifications.consumeEmail });
    sqlOutbox.start({ [paymentChanged]: appointments.service.consumePayment });
  }
  const background = [
    ...(config.features.waiting_list
      ? [periodic('waiting list', 10_000, () => waitingList.service.sweep(), logger)]
      : []),
    periodic('holds', 10_000, () => appointments.service.sweepHolds(), logger),
    periodic('purge of kept answers', 3_600_000, () => purgeSql(knex), logger),
    reconciliation.service.schedule(config.reconcileMinutes * 60_000),
    ...reports.background,
  ];
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
    reconciliation: reconciliation.service,
    ...reports.parts,
    imports: imports.service,
    seeding: seeding.service,
    outbox,
    mailOutbox,
    sqlOutbox,
    writeTimes,
    startRelays,
    /** Starts what works in the background. */
    start(): void {
      startRelays();
      for (const task of background) task.start();
    },
    async stop(): Promise<void> {
      const stopped = Promise.all([outbox, mailOutbox, sqlOutbox, ...background].map((task) => task.stop()));
      // What a slow mail server has not taken yet is sent after the next start.
      mail?.close();
      await stopped;
    },
    routes: domains.flatMap(({ routes }) => routes) as readonly AnyRoute[],
  };
}

export type Parts = ReturnType<typeof compose>;
