import type { Knex } from 'knex';
import * as billing from './0001-billing.js';
import * as payments from './0002-payments.js';
import * as rollups from './0003-rollups.js';
import * as confirmedPayments from './0004-confirmed-payments.js';
import * as writtenBy from './0005-written-by.js';
import * as noRollups from './0006-no-rollups.js';
import * as patientMoves from './0007-patient-moves.js';
import * as auditHeads from './0008-audit-heads.js';

/** In the order of their names; a migration that has run is never edited. */
export const migrations: Readonly<Record<string, Knex.Migration>> = {
  '0001-billing': billing,
  '0002-payments': payments,
  '0003-rollups': rollups,
  '0004-confirmed-payments': confirmedPayments,
  '0005-written-by': writtenBy,
  '0006-no-rollups': noRollups,
  '0007-patient-moves': patientMoves,
  '0008-audit-heads': auditHeads,
};
