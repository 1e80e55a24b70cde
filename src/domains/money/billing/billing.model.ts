import { defineTable, type Written } from '../../../databases/postgres/postgres-table.js';
import type { BillingRow } from './billing.types.js';

export const billingTable = defineTable<BillingRow & Written>({
  table: 'billing',
  columns: {
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
    written_by: 'xid8',
  },
  primaryKey: ['id'],
  indexes: [
    {
      name: 'billing_consultation_once',
      unique: true,
      columns: `(appointment_id) WHERE (kind = 'consultation'::text)`,
      serves: 'BILL-1: an appointment is billed once (made by migration 0001)',
    },
    {
      name: 'billing_by_time',
      columns: '(created_at, id)',
      serves: 'GET /billing, what was billed in a period',
    },
    {
      name: 'billing_by_kind',
      columns: '(kind, created_at, id)',
      serves: 'GET /billing?kind=, the report average-prescription-cost of a period',
    },
    {
      name: 'billing_by_hospital',
      columns: '(hospital_id, created_at, id)',
      serves: 'GET /billing?hospital_id=, reports of one hospital',
    },
    {
      name: 'billing_by_disease',
      columns: '(disease, created_at, id) INCLUDE (disease_code)',
      serves: 'GET /billing?disease=, which codes a disease goes by, for the reports',
    },
    {
      name: 'billing_by_patient',
      columns: '(patient_id, created_at, id)',
      serves: 'GET /billing?patient_id=, and of a patient',
    },
    {
      name: 'billing_by_appointment',
      columns: '(appointment_id, created_at, id)',
      serves: 'GET /billing?appointment_id=',
    },
    {
      name: 'billing_by_writer',
      columns: '(written_by)',
      serves: 'what was billed since the mirror of the reports looked last',
    },
  ],
});
