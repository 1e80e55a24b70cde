import type { Connection } from 'mongoose';
import type { Knex } from '../../../databases/postgres/postgres.js';
import { billsDrift, type BillsDeps } from './bills.drift.js';
import { claimsDrift, type ClaimsDeps } from './claims.drift.js';
import { ledgerDrift, type LedgerDeps } from './ledger.drift.js';
import { outboxStuck, type WatchedOutbox } from './outboxes.drift.js';
import { paymentsDrift, type PaymentsDriftDeps } from './payments.drift.js';
import { createReconciliationRepository } from './reconciliation.repository.js';
import { standingDrift, type StandingDeps } from './standing.drift.js';
import {
  createReconciliationService,
  type ReconciliationDeps,
  type ReconciliationService,
} from './reconciliation.service.js';

export { driftKinds } from './reconciliation.types.js';
export type { DriftKind, KindReport, ReconcileOptions, ReconcileReport } from './reconciliation.types.js';
export type { ReconciliationService } from './reconciliation.service.js';

type Deps = StandingDeps &
  BillsDeps &
  PaymentsDriftDeps &
  ClaimsDeps &
  LedgerDeps &
  Pick<ReconciliationDeps, 'logger'>;

/** In the order in which they are repaired: what is on its way first, then what the money of a visit depends on. */
export function createReconciliation(
  deps: Deps & {
    readonly connection: Connection;
    readonly knex: Knex;
    readonly outboxes: readonly (WatchedOutbox & { drain(withinMs?: number): Promise<void> })[];
  },
): { service: ReconciliationService } {
  const { connection, knex } = deps;
  const checks = [
    outboxStuck(deps),
    ...billsDrift(deps),
    ...paymentsDrift(deps),
    ...claimsDrift(deps),
    ...ledgerDrift(deps),
    standingDrift(deps),
  ];
  const reconciliation = createReconciliationRepository(connection, knex);
  return { service: createReconciliationService({ ...deps, checks, reconciliation }) };
}
