import type { Money } from '../../../lib/money.js';

/** What was charged for. */
export const billingKinds = ['consultation', 'prescription'] as const;
export type BillingKind = (typeof billingKinds)[number];

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
