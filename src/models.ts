import { filesCollection } from './databases/mongo/files.js';
import { locksCollection } from './databases/mongo/locks.js';
import { processesCollection } from './databases/mongo/processes.js';
import type { MongoCollection } from './databases/mongo/mongo-model.js';
import { idempotencyKeys, transactionResults } from './databases/mongo/mongo.js';
import { inboxCollection, inboxTable } from './databases/outbox/inbox.js';
import { outboxCollection } from './databases/outbox/outbox.js';
import { outboxTable } from './databases/outbox/sql-outbox.js';
import type { PostgresTable } from './databases/postgres/postgres-table.js';
import { idempotencyKeysTable } from './databases/postgres/sql-transact.js';
import { appointmentModel, removedAppointments } from './domains/clinical/appointments/appointments.model.js';
import { slotClaimModel } from './domains/clinical/appointments/slot-claims.model.js';
import { mergedPatientModel, patientModel } from './domains/clinical/patients/patients.model.js';
import { prescriptionModel, versionModel } from './domains/clinical/prescriptions/prescriptions.model.js';
import { duplicateModel } from './domains/clinical/duplicates/duplicates.model.js';
import { patientMergeModel } from './domains/clinical/merges/merges.model.js';
import { emergencyAccessModel } from './domains/clinical/emergency-access/emergency-access.model.js';
import { waitingModel } from './domains/clinical/waiting-list/waiting-list.model.js';
import { loadingModel } from './domains/exchange/seeding/loadings.model.js';
import {
  accountLinkModel,
  refreshTokenModel,
  sessionModel,
  userModel,
} from './domains/identity/accounts/accounts.model.js';
import { loginIdentityModel } from './domains/identity/accounts/login-identities.model.js';
import { secondFactorModel } from './domains/identity/accounts/second-factor.model.js';
import { auditChains } from './domains/identity/audit/audit-chains.model.js';
import { auditHeads } from './domains/identity/audit/audit-heads.model.js';
import { auditEventModel } from './domains/identity/audit/audit.model.js';
import { notificationModel, preferencesModel } from './domains/messages/notifications/notifications.model.js';
import { webhookDeliveryModel, webhookModel } from './domains/messages/webhooks/webhooks.model.js';
import { billingTable } from './domains/money/billing/billing.model.js';
import {
  bookingAccounts,
  ledgerEntries,
  numberSeries,
  refundsTable,
  transactionsTable,
} from './domains/money/payments/payments.model.js';
import { movedRowsTable, patientMergesTable } from './domains/money/patient-moves/patient-moves.model.js';
import { reconciliations } from './domains/money/reconciliation/reconciliation.model.js';
import { departmentModel } from './domains/network/departments/departments.model.js';
import { doctorModel } from './domains/network/doctors/doctors.model.js';
import { hospitalModel } from './domains/network/hospitals/hospitals.model.js';
import { reportJobModel } from './domains/reports/jobs/report-jobs.model.js';
import { reportLinkModel } from './domains/reports/links/report-links.model.js';
import { mirrorsCollection } from './domains/reports/mirror/mirrors.model.js';
import { targetModel } from './domains/reports/targets/targets.model.js';
import { deliveryModel, savedReportModel } from './domains/reports/saved/saved-reports.model.js';
import { rateLimits } from './http/limits.js';

/** What a store keeps for one purpose. Groups have the names of the domains' groups, and what is below all of them. */
export interface ModelGroup {
  readonly group: string;
  readonly mongodb: readonly MongoCollection[];
  readonly postgres: readonly PostgresTable[];
}

/** Every collection and table of ours: what a start builds the indexes of, and docs/data-model.md shows. */
export const modelGroups: readonly ModelGroup[] = [
  {
    group: 'identity',
    mongodb: [
      ...[userModel, accountLinkModel, sessionModel, refreshTokenModel, secondFactorModel],
      ...[loginIdentityModel, auditEventModel, auditChains],
    ],
    postgres: [auditHeads],
  },
  { group: 'network', mongodb: [hospitalModel, departmentModel, doctorModel], postgres: [] },
  {
    group: 'clinical',
    mongodb: [
      ...[patientModel, appointmentModel, removedAppointments, slotClaimModel, waitingModel],
      ...[prescriptionModel, versionModel, emergencyAccessModel],
      ...[mergedPatientModel, patientMergeModel, duplicateModel],
    ],
    postgres: [],
  },
  {
    group: 'money',
    mongodb: [reconciliations],
    postgres: [
      ...[billingTable, bookingAccounts, transactionsTable, refundsTable, ledgerEntries],
      ...[numberSeries, patientMergesTable, movedRowsTable],
    ],
  },
  {
    group: 'messages',
    mongodb: [notificationModel, preferencesModel, webhookModel, webhookDeliveryModel],
    postgres: [],
  },
  {
    group: 'reports',
    mongodb: [
      savedReportModel,
      deliveryModel,
      reportLinkModel,
      targetModel,
      reportJobModel,
      mirrorsCollection,
    ],
    postgres: [],
  },
  { group: 'exchange', mongodb: [loadingModel], postgres: [] },
  {
    group: 'databases',
    mongodb: [
      ...[outboxCollection, inboxCollection, idempotencyKeys, transactionResults, locksCollection],
      ...[filesCollection, processesCollection, rateLimits],
    ],
    postgres: [outboxTable, inboxTable, idempotencyKeysTable],
  },
];

export const models = {
  mongodb: modelGroups.flatMap(({ mongodb }) => mongodb),
  postgres: modelGroups.flatMap(({ postgres }) => postgres),
};
