import { utcDay } from '../../../lib/period.js';
import type { ImportedAppointment } from '../../clinical/appointments/appointments.types.js';
import type { BillingRow } from '../../money/billing/billing.types.js';
import type { Prescription } from '../../clinical/prescriptions/prescriptions.types.js';
import type { Mapped } from './imports.types.js';
import type { SyntheaRow } from './synthea.columns.js';
import {
  amount,
  digest,
  foreignId,
  instant,
  optionalInstant,
  requiredText,
  text,
  tryMap,
  Unusable,
} from './values.js';

/** Who saw the patient, and where: what an appointment hands on to its prescriptions and charges. */
export interface Place {
  readonly doctor_id: string;
  readonly department_id: string;
  readonly hospital_id: string;
}

/** An encounter took place: a completed appointment. It counts as booked when it began. */
export const toAppointment = (
  row: SyntheaRow<'encounters'>,
  place: Place | undefined,
): Mapped<ImportedAppointment> =>
  tryMap(() => {
    const appointment_id = foreignId(row, 'Id');
    if (!place) throw new Unusable('PROVIDER names no usable row of providers');
    const date = instant(row, 'START');
    const ended_at = optionalInstant(row, 'STOP');
    if (ended_at && ended_at < date) throw new Unusable('STOP is before START');
    const at = ended_at ?? date;
    const appointment: ImportedAppointment = {
      appointment_id,
      patient_id: foreignId(row, 'PATIENT'),
      ...place,
      date,
      ended_at,
      status: 'completed',
      disease: text(row, 'REASONDESCRIPTION'),
      disease_code: text(row, 'REASONCODE'),
      reason: text(row, 'DESCRIPTION'),
      history: [{ status: 'completed', at, by: null }],
      created_at: date,
      updated_at: at,
      version: 1,
    };
    return { record: appointment };
  });

/**
 * The id of a prescription, which Synthea does not number: the k-th row (from 0) of an encounter, code and start. The
 * k-th charge of the same three is for this prescription.
 */
export const prescriptionId = (encounter: string, code: string, start: string, k: number): string =>
  `RX-${digest([encounter, code, start, String(k)], 24)}`;

/**
 * A stop before the start (Synthea renews a medication in the encounter that stops it) is taken as the day of the
 * start: a prescription does not end before it starts (RX-1).
 */
export const toPrescription = (
  row: SyntheaRow<'medications'>,
  prescription_id: string,
  place: Place | undefined,
): Mapped<Prescription> =>
  tryMap(() => {
    if (!place) throw new Unusable('ENCOUNTER names no usable row of encounters');
    const start = instant(row, 'START');
    const stop = optionalInstant(row, 'STOP');
    const start_date = utcDay(start);
    const backwards = stop !== null && stop < start;
    const prescription: Prescription = {
      prescription_id,
      patient_id: foreignId(row, 'PATIENT'),
      ...place,
      appointment_id: foreignId(row, 'ENCOUNTER'),
      drug: requiredText(row, 'DESCRIPTION'),
      drug_code: text(row, 'CODE'),
      dosage: null,
      frequency: null,
      cost: amount(row, 'TOTALCOST'),
      disease: text(row, 'REASONDESCRIPTION'),
      disease_code: text(row, 'REASONCODE'),
      start_date,
      end_date: backwards ? start_date : stop && utcDay(stop),
      created_at: start,
      updated_at: start,
      version: 1,
    };
    const adjusted = 'STOP is before START: ends on the day of START';
    return { record: prescription, ...(backwards ? { adjusted } : {}) };
  });

/** What a charge takes from the medication that it is for. */
export interface Charged {
  readonly prescription_id: string;
  readonly disease: string | null;
  readonly disease_code: string | null;
}

/** Only a CHARGE becomes a billing row: payments and transfers move money that is charged already. */
export const toBillingRow = (
  row: SyntheaRow<'claims_transactions'>,
  place: Place | undefined,
  charged: Charged | undefined,
): Mapped<BillingRow> =>
  tryMap(() => {
    if (row.TYPE !== 'CHARGE') return { skipped: 'TYPE is not CHARGE' };
    const id = foreignId(row, 'ID');
    if (!place) throw new Unusable('APPOINTMENTID names no usable row of encounters');
    if (!charged) throw new Unusable('charges no row of medications');
    const billed: BillingRow = {
      id,
      patient_id: foreignId(row, 'PATIENTID'),
      appointment_id: foreignId(row, 'APPOINTMENTID'),
      ...charged,
      ...place,
      kind: 'prescription',
      total_cost: amount(row, 'AMOUNT'),
      created_at: instant(row, 'FROMDATE'),
    };
    return { record: billed };
  });
