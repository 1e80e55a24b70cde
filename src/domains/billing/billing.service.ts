import type { Actor } from '../../lib/actor.js';
import type { BulkResult } from '../../lib/bulk.js';
import { notFound } from '../../lib/errors.js';
import type { Infer } from '../../lib/fields.js';
import type { NewId } from '../../lib/ids.js';
import type { Page } from '../../lib/page.js';
import { importChecked, type Existing } from '../../lib/references.js';
import { isStorable } from '../../lib/text.js';
import type { AppointmentCompleted } from '../appointments/index.js';
import type { HospitalsService } from '../hospitals/index.js';
import { canRead } from './billing.policy.js';
import type { BillingRepository } from './billing.repository.js';
import type { billingQuery } from './billing.schema.js';
import { billingKinds, type BillingRow } from './billing.types.js';

export interface BillingDeps {
  readonly billing: BillingRepository;
  readonly hospitals: Pick<HospitalsService, 'idsOf'>;
  readonly patients: { readonly existing: Existing };
  readonly appointments: { readonly existing: Existing };
  readonly prescriptions: { readonly existing: Existing };
  readonly newId: NewId;
}

/** What the table would refuse, and with it the whole batch. */
function faultOf(row: BillingRow): string | undefined {
  if (!Object.values(row).every((value) => typeof value !== 'string' || isStorable(value)))
    return 'it holds a character that can not be stored';
  if (!/^\d{1,10}\.\d{2}$/.test(row.total_cost)) return 'total_cost is no amount from 0 to 9999999999.99';
  if (!billingKinds.includes(row.kind)) return 'kind is not known';
  if (Number.isNaN(row.created_at.getTime())) return 'created_at is no time';
  if (row.kind === 'consultation' && row.appointment_id === null)
    return 'a consultation needs its appointment';
  return undefined;
}

export function createBillingService(deps: BillingDeps) {
  const { billing, hospitals, newId } = deps;

  return {
    async get(actor: Actor, id: string): Promise<BillingRow> {
      const row = await billing.find(id);
      if (!row || !canRead(actor, row)) throw notFound('billing row');
      return row;
    },

    async list(actor: Actor, query: Infer<typeof billingQuery>): Promise<Page<BillingRow>> {
      const { limit, cursor, hospital_id, region, ...rest } = query;
      const owner = actor.role === 'patient' ? { patient_id: actor.patient_id } : undefined;
      const hospital_ids = await hospitals.idsOf({ hospital_id, region });
      return billing.listPage(owner, { ...rest, hospital_ids }, { limit, cursor });
    },

    /** What the patient has not paid: payments come with BILL-2, until then every row is unpaid. */
    countForPatient: (patient_id: string): Promise<number> => billing.countOfPatient(patient_id),

    /**
     * BILL-1: the outbox brings a completed appointment (payload: `AppointmentCompleted`), maybe more than once; it is
     * billed once. The day of the bill is the day of the visit's end, however late the news arrives.
     */
    async consumeCompleted({ payload }: { payload: Readonly<Record<string, unknown>> }): Promise<void> {
      const { consultation_fee, completed_at, ...visit } = payload as unknown as AppointmentCompleted;
      await billing.insertOnce({
        ...visit,
        id: newId('B'),
        prescription_id: null,
        kind: 'consultation',
        total_cost: consultation_fee,
        created_at: completed_at,
      });
    },

    importMany: (records: readonly BillingRow[]): Promise<BulkResult> =>
      importChecked(records, {
        idOf: ({ id }) => id,
        fault: faultOf,
        references: [
          { field: 'patient_id', existing: deps.patients.existing },
          { field: 'appointment_id', existing: deps.appointments.existing },
          { field: 'prescription_id', existing: deps.prescriptions.existing },
        ],
        store: (good) => billing.importMany(good),
      }),
  };
}

export type BillingService = ReturnType<typeof createBillingService>;
