import { purgeSql } from '../../databases/postgres/sql-purge.js';
import { periodic } from '../../lib/periodic.js';
import type { ClinicalServices } from '../clinical/index.js';
import type { IdentityServices } from '../identity/index.js';
import type { Common, Module } from '../module.js';
import type { NetworkServices } from '../network/index.js';
import { createBilling, type BillingService } from './billing/index.js';
import { createPatientMoves, type PatientMovesService } from './patient-moves/index.js';
import { createPayments, type PaymentsService } from './payments/index.js';
import { createReconciliation, type ReconciliationService } from './reconciliation/index.js';

export interface MoneyServices {
  readonly billing: BillingService;
  readonly payments: PaymentsService;
  readonly patientMoves: PatientMovesService;
  readonly reconciliation: ReconciliationService;
}

/** Bills, payments and the ledger, and whether both stores agree. */
export function composeMoney(
  common: Common,
  earlier: IdentityServices & NetworkServices & ClinicalServices,
): Module<MoneyServices> {
  const { config, knex, outboxes } = common;
  const inPostgres = { ...common, inbox: common.sqlInbox, outbox: outboxes.postgres };
  const billing = createBilling({
    ...{ ...inPostgres, ...earlier, currency: config.payments.currency },
    payments: {
      lockForBill: (appointment_id, patient_id, tx) =>
        payments.service.lockForBill(appointment_id, patient_id, tx),
      allowFor: (bill, tx) => payments.service.allowFor(bill, tx),
      duesOf: (bills) => payments.service.duesOf(bills),
    },
  });
  const payments = createPayments({
    ...{ ...inPostgres, ...earlier },
    config: config.payments,
    billing: billing.service,
  });
  const patientMoves = createPatientMoves({ ...inPostgres, merges: earlier.merges });
  const reconciliation = createReconciliation({
    ...{ ...common, ...earlier },
    billing: billing.service,
    payments: payments.service,
    outboxes: [
      { ...outboxes.mongodb, store: 'mongodb' },
      { ...outboxes.postgres, store: 'postgres' },
    ],
  });
  return {
    services: {
      billing: billing.service,
      payments: payments.service,
      patientMoves: patientMoves.service,
      reconciliation: reconciliation.service,
    },
    routes: [billing, payments].flatMap(({ routes }) => routes),
    workers: [
      periodic('purge of kept answers', 3_600_000, () => purgeSql(knex), common.logger),
      reconciliation.service.schedule(config.reconcileMinutes * 60_000),
    ],
    consumers: {
      'appointment.completed': billing.service.consumeCompleted,
      'appointment.cancelled': payments.service.consumeCancelled,
      'patient.merged': patientMoves.service.consumeMerged,
    },
  };
}
