import type { Entry } from '../../../contracts/hand-overs.js';
import { maySeeDisease, type Actor } from '../../../lib/actor.js';
import type { BulkResult } from '../../../lib/bulk.js';
import type { ReachPoint } from '../../../contracts/crash-points.js';
import { publicDoor } from '../../../lib/door.js';
import { invalidField, notFound, Problem } from '../../../lib/errors.js';
import type { Infer } from '../../../lib/fields.js';
import type { NewId } from '../../../lib/ids.js';
import { sumMoney, toCents, type Money } from '../../../lib/money.js';
import type { Page } from '../../../lib/page.js';
import { importChecked, type Existing } from '../../../lib/references.js';
import { isStorable } from '../../../lib/text.js';
import type { SqlTransaction, TransactSql } from '../../../lib/transaction.js';
import type { HospitalsService } from '../../network/hospitals/index.js';
import { canRead, shownTo, visibleTo } from './billing.policy.js';
import type { BillingRepository } from './billing.repository.js';
import type { billingQuery } from './billing.schema.js';
import { billingKinds, type Balance, type BillingRow, type OpenBill } from './billing.types.js';

export interface BillingDeps {
  readonly billing: BillingRepository;
  readonly hospitals: Pick<HospitalsService, 'idsOf'>;
  readonly patients: { readonly existing: Existing };
  readonly appointments: { readonly existing: Existing };
  readonly prescriptions: { readonly existing: Existing };
  /** What was paid for a visit, whose account the bill locks and settles. */
  readonly payments: {
    lockForBill(appointment_id: string, patient_id: string, tx: SqlTransaction): Promise<Money | null>;
    allowFor(bill: BillingRow, tx: SqlTransaction): Promise<void>;
    duesOf(bills: readonly BillingRow[]): Promise<ReadonlyMap<string, { owed: Money; due: Money }>>;
  };
  readonly inbox: { take(entry_id: string, tx: SqlTransaction): Promise<boolean> };
  readonly transactSql: TransactSql;
  readonly reach: ReachPoint;
  readonly newId: NewId;
  /** ISO 4217 */
  readonly currency: string;
}

/** What the table would refuse, and with it the whole batch. */
function faultOf(row: BillingRow): string | undefined {
  if (!Object.values(row).every((value) => typeof value !== 'string' || isStorable(value)))
    return 'it holds a character that cannot be stored';
  if (!/^\d{1,10}\.\d{2}$/.test(row.total_cost)) return 'total_cost is no amount from 0 to 9999999999.99';
  if (!billingKinds.includes(row.kind)) return 'kind is not known';
  if (Number.isNaN(row.created_at.getTime())) return 'created_at is no time';
  if (row.kind === 'consultation' && row.appointment_id === null)
    return 'a consultation needs its appointment';
  return undefined;
}

export function createBillingService(deps: BillingDeps) {
  const { billing, hospitals, newId } = deps;

  async function withDues(actor: Actor, rows: readonly BillingRow[]): Promise<OpenBill[]> {
    const dues = await deps.payments.duesOf(rows);
    return rows.map((row) => ({ ...shownTo(actor, row), ...dues.get(row.id)! }));
  }

  /** Whose charges are asked for: a patient's own, whatever is named. Throws `invalid_request`, `not_found`. */
  function patientOf(actor: Actor, named: string | undefined): string {
    const patient_id = actor.role === 'patient' ? (named ?? actor.patient_id) : named;
    if (actor.role === 'patient' && (patient_id === null || patient_id !== actor.patient_id))
      throw notFound('patient');
    if (!patient_id) throw invalidField('/query/patient_id', 'is required');
    return patient_id;
  }

  /** BILL-8: the charges that something is owed of, the oldest first. */
  async function listOpen(actor: Actor, named?: string): Promise<OpenBill[]> {
    const rows = await billing.ofPatient(visibleTo(actor), patientOf(actor, named));
    return (await withDues(actor, rows)).filter(({ owed }) => toCents(owed) > 0n);
  }

  const forActors = publicDoor({
    listOpen,

    /** BILL-8: what `listOpen` comes to. */
    async balance(actor: Actor, named?: string): Promise<Balance> {
      const open = await listOpen(actor, named);
      return {
        patient_id: patientOf(actor, named),
        currency: deps.currency,
        bills: open.length,
        owed: sumMoney(open.map(({ owed }) => owed)),
        due: sumMoney(open.map(({ due }) => due)),
      };
    },

    async get(actor: Actor, id: string): Promise<OpenBill> {
      const row = await billing.find(id);
      if (!row || !canRead(actor, row)) throw notFound('billing row');
      return (await withDues(actor, [row]))[0]!;
    },

    /** Throws `forbidden` for a manager who asks for the charges of a disease: they would say who has it. */
    async list(actor: Actor, query: Infer<typeof billingQuery>): Promise<Page<OpenBill>> {
      const { limit, cursor, hospital_id, region, ...rest } = query;
      if (rest.disease !== undefined && !maySeeDisease(actor))
        throw new Problem('forbidden', 'Managers see the figures of a disease, and not who has it.');
      const hospital_ids = await hospitals.idsOf({ hospital_id, region });
      const page = await billing.listPage(visibleTo(actor), { ...rest, hospital_ids }, { limit, cursor });
      return { ...page, items: await withDues(actor, page.items) };
    },
  });

  return {
    forActors,

    find: (id: string): Promise<BillingRow | null> => billing.find(id),

    /** The bill of the visit itself; null before it is completed. */
    consultationOf: (appointment_id: string, tx: SqlTransaction): Promise<BillingRow | null> =>
      billing.findConsultation(appointment_id, tx),

    /** For the reconciliation: of these appointments, those whose consultation is billed. */
    billedOf: (appointment_ids: readonly string[]): Promise<Set<string>> => billing.billedOf(appointment_ids),

    /** Bills of consultations, after this appointment, in the order of its id's bytes (as MongoDB sorts). */
    listConsultations: (after: string, limit: number): Promise<BillingRow[]> =>
      billing.listConsultations(after, limit),

    /**
     * BILL-1: the outbox brings a completed appointment, maybe more than once; it is
     * billed once. The day of the bill is the day of the visit's end, however late the news arrives. What was paid for the
     * visit is what is billed: of a record from elsewhere the doctor's fee may have changed since.
     */
    async consumeCompleted(entry: Entry<'appointment.completed'>): Promise<void> {
      const { consultation_fee, completed_at, ...visit } = entry.payload;
      await deps.transactSql(async (tx) => {
        if (!(await deps.inbox.take(entry.entry_id, tx))) return;
        // The account is locked: a payment or refund at the same moment is seen here, or sees the bill.
        const paid = await deps.payments.lockForBill(visit.appointment_id, visit.patient_id, tx);
        const row: BillingRow = {
          ...visit,
          id: newId('B'),
          prescription_id: null,
          kind: 'consultation',
          total_cost: paid ?? consultation_fee,
          created_at: completed_at,
        };
        if (await billing.insertOnce(row, tx)) await deps.payments.allowFor(row, tx);
        deps.reach('appointment.completed', 'applying');
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
        store: (good) => deps.transactSql((tx) => billing.importMany(good, tx)),
      }),
  };
}

export type BillingService = ReturnType<typeof createBillingService>;
