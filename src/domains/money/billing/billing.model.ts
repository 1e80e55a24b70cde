import type { BillingRow } from './billing.types.js';

export const billingTable = 'billing';

/** The columns and their types, as the migrations have made them. */
export const billingColumns = {
  id: 'text',
  patient_id: 'text',
  appointment_id: 'text',
  prescription_id: 'text',
  doctor_id: 'text',
  department_id: 'text',
  hospital_id: 'text',
  kind: 'text',
  disease: 'text',
  disease_code: 'text',
  total_cost: 'numeric(12,2)',
  created_at: 'timestamptz(3)',
} as const satisfies Record<keyof BillingRow, string>;
