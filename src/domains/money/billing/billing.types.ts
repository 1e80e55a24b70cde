import type { Money } from '../../../lib/money.js';

/** What was charged for. */
export const billingKinds = ['consultation', 'prescription'] as const;
export type BillingKind = (typeof billingKinds)[number];

/** A charge with what is owed of it: `due` is with the tax that paying it takes. */
export interface OpenBill extends BillingRow {
  owed: Money;
  due: Money;
}

/** What a patient owes in all. */
export interface Balance {
  patient_id: string;
  currency: string;
  bills: number;
  owed: Money;
  due: Money;
}

/** A row of the table `billing` (Postgres). */
export interface BillingRow {
  id: string;
  patient_id: string;
  appointment_id: string | null;
  prescription_id: string | null;
  /** Who and where the charge came from, copied so that revenue reports need no join. */
  doctor_id: string | null;
  department_id: string | null;
  hospital_id: string | null;
  kind: BillingKind;
  disease: string | null;
  disease_code: string | null;
  total_cost: Money;
  created_at: Date;
}
