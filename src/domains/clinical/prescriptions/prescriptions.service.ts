import type { Actor } from '../../../lib/actor.js';
import type { BulkResult } from '../../../lib/bulk.js';
import type { Clock } from '../../../lib/clock.js';
import { publicDoor } from '../../../lib/door.js';
import { invalidField, notFound, Problem } from '../../../lib/errors.js';
import type { Infer } from '../../../lib/fields.js';
import type { NewId } from '../../../lib/ids.js';
import type { Page, PageRequest } from '../../../lib/page.js';
import { checkVersion } from '../../../lib/records.js';
import { importChecked, type Existing } from '../../../lib/references.js';
import type { MongoTransaction, Transact } from '../../../lib/transaction.js';
import type { AppointmentsService } from '../appointments/index.js';
import type { Doctor } from '../../network/doctors/index.js';
import type { AuditService } from '../../identity/audit/index.js';
import type { HospitalsService } from '../../network/hospitals/index.js';
import type { BreakGlass } from '../emergency-access/index.js';
import type { PatientsService, PrescriptionSummary } from '../patients/index.js';
import { recentCount } from '../patients/patients.types.js';
import { canChange, canRead, canReadRemoved, isPrescriber } from './prescriptions.policy.js';
import type { PrescriptionRepository, VisiblePrescriptions } from './prescriptions.repository.js';
import type {
  createPrescriptionBody,
  prescriptionQuery,
  updatePrescriptionBody,
} from './prescriptions.schema.js';
import type { Prescription, PrescriptionVersion } from './prescriptions.types.js';

export interface PrescriptionsDeps {
  readonly prescriptions: PrescriptionRepository;
  readonly doctors: {
    find(doctor_id: string, tx?: MongoTransaction): Promise<Doctor | null>;
    readonly existing: Existing;
  };
  readonly patients: {
    find(patient_id: string, tx?: MongoTransaction): Promise<{ readonly deceased_date: Date | null } | null>;
    readonly existing: Existing;
    /** Writes to the patient's document, so that a prescription and a removal of the patient come one after the other. */
    setRecentPrescriptions(
      patient_id: string,
      summaries: readonly PrescriptionSummary[],
      tx: MongoTransaction,
    ): Promise<unknown>;
  } & Pick<PatientsService, 'isReadable' | 'idsInCareOf'>;
  readonly appointments: Pick<AppointmentsService, 'reference' | 'existing'>;
  readonly hospitals: Pick<HospitalsService, 'idsOf'>;
  readonly audit: Pick<AuditService, 'done'>;
  readonly transact: Transact;
  readonly clock: Clock;
  readonly newId: NewId;
}

const toSummary = (prescription: Prescription): PrescriptionSummary => {
  const { prescription_id, doctor_id, drug, cost, disease, start_date, end_date } = prescription;
  return { prescription_id, doctor_id, drug, cost, disease, start_date, end_date };
};

function checkPeriod({ start_date, end_date }: Pick<Prescription, 'start_date' | 'end_date'>): void {
  if (start_date && end_date && end_date < start_date) {
    throw invalidField('/body/end_date', 'must not be before start_date');
  }
}

export function createPrescriptionsService(deps: PrescriptionsDeps) {
  const { prescriptions, doctors, patients, appointments, audit, transact, clock, newId } = deps;

  const mayRead = async (actor: Actor, prescription: Prescription): Promise<boolean> =>
    canRead(actor, prescription) ||
    (actor.role === 'doctor' && (await patients.isReadable(actor, prescription.patient_id)));

  async function readable(
    actor: Actor,
    prescription_id: string,
    tx?: MongoTransaction,
  ): Promise<Prescription> {
    const prescription = await prescriptions.find(prescription_id, tx);
    if (!prescription || !(await mayRead(actor, prescription))) throw notFound('prescription');
    return prescription;
  }

  /** Whose a list may show. PAT-8: what a doctor wrote, and all of the patients in their care or opened to them. */
  async function visibleTo(
    actor: Actor,
    asked: { readonly patient_id?: string | undefined },
    glass?: BreakGlass,
  ): Promise<VisiblePrescriptions> {
    const { role, patient_id, doctor_id } = actor;
    if (role === 'admin') return 'all';
    if (role !== 'doctor' || doctor_id === null)
      return { patient_id: role === 'patient' ? patient_id : null };
    if (asked.patient_id !== undefined)
      return (await patients.isReadable(actor, asked.patient_id, glass)) ? 'all' : { doctor_id };
    return { doctor_id, patient_ids: await patients.idsInCareOf(doctor_id) };
  }

  /** PAT-1: the patient's document says what the collection says, in the same transaction. */
  async function keepRecent(patient_id: string, tx: MongoTransaction): Promise<void> {
    const newest = await prescriptions.newestOfPatient(patient_id, recentCount, tx);
    await patients.setRecentPrescriptions(patient_id, newest.map(toSummary), tx);
  }

  /** The appointment that it was written in must be one of this patient and this doctor. */
  async function checkAppointment(prescription: Prescription, tx: MongoTransaction): Promise<void> {
    const { appointment_id, patient_id, doctor_id } = prescription;
    if (appointment_id === null) return;
    const appointment = await appointments.reference(appointment_id, tx);
    if (appointment.patient_id !== patient_id || appointment.doctor_id !== doctor_id) {
      throw new Problem(
        'unknown_reference',
        `There is no appointment ${appointment_id} of this patient and doctor.`,
      );
    }
  }

  /** Loads a prescription that is about to be corrected or removed, and keeps its wording. */
  async function loadToReplace(
    actor: Actor,
    prescription_id: string,
    { now, ifMatch }: { now: Date; ifMatch: number | undefined },
    tx: MongoTransaction,
  ): Promise<Prescription> {
    const prescription = await readable(actor, prescription_id, tx);
    if (!canChange(actor, prescription)) {
      throw new Problem('forbidden', 'Only its prescriber or an admin may change a prescription.');
    }
    checkVersion(prescription, ifMatch);
    const { version } = prescription;
    const kept = {
      version_id: newId('RV'),
      prescription_id,
      version,
      replaced_at: now,
      replaced_by: actor.user_id,
    };
    await prescriptions.keepVersion({ ...kept, prescription }, tx);
    return prescription;
  }

  const forActors = publicDoor({
    get: (actor: Actor, prescription_id: string): Promise<Prescription> => readable(actor, prescription_id),

    async list(
      actor: Actor,
      query: Infer<typeof prescriptionQuery>,
      glass?: BreakGlass,
    ): Promise<Page<Prescription>> {
      const { limit, cursor, hospital_id, region, ...rest } = query;
      const hospital_ids = await deps.hospitals.idsOf({ hospital_id, region });
      const visible = await visibleTo(actor, rest, glass);
      return prescriptions.listPage(visible, { ...rest, hospital_ids }, { limit, cursor });
    },

    /** RX-1. Throws `forbidden`, `unknown_reference`, `patient_deceased`, `invalid_request`. */
    create(actor: Actor, body: Infer<typeof createPrescriptionBody>): Promise<Prescription> {
      if (!isPrescriber(actor, body))
        throw new Problem('forbidden', 'A doctor prescribes in their own name only.');
      checkPeriod(body);
      const now = clock.now();
      const prescription_id = newId('R');
      return transact(async (tx) => {
        const doctor = await doctors.find(body.doctor_id, tx);
        if (!doctor) throw new Problem('unknown_reference', `There is no doctor ${body.doctor_id}.`);
        const patient = await patients.find(body.patient_id, tx);
        if (!patient) throw new Problem('unknown_reference', `There is no patient ${body.patient_id}.`);
        if (patient.deceased_date) throw new Problem('patient_deceased');
        const { department_id, hospital_id } = doctor;
        const prescription: Prescription = {
          ...body,
          prescription_id,
          department_id,
          hospital_id,
          version: 1,
          created_at: now,
          updated_at: now,
        };
        await checkAppointment(prescription, tx);
        await prescriptions.insert(prescription, tx);
        await keepRecent(body.patient_id, tx);
        await audit.done(actor, [body.patient_id], tx);
        return prescription;
      });
    },

    /** RX-2. Throws `not_found`, `forbidden`, `stale_version`, `invalid_request`. */
    update(
      actor: Actor,
      prescription_id: string,
      body: Infer<typeof updatePrescriptionBody>,
      ifMatch?: number,
    ): Promise<Prescription> {
      const now = clock.now();
      return transact(async (tx) => {
        const before = await loadToReplace(actor, prescription_id, { now, ifMatch }, tx);
        const { start_date = before.start_date, end_date = before.end_date } = body;
        checkPeriod({ start_date, end_date });
        const changed = (await prescriptions.update(prescription_id, { ...body, updated_at: now }, tx))!;
        await keepRecent(changed.patient_id, tx);
        await audit.done(actor, [changed.patient_id], tx);
        return changed;
      });
    },

    /** Throws `not_found`, `forbidden`, `stale_version`. */
    remove(actor: Actor, prescription_id: string, ifMatch?: number): Promise<void> {
      const now = clock.now();
      return transact(async (tx) => {
        const { patient_id } = await loadToReplace(actor, prescription_id, { now, ifMatch }, tx);
        await prescriptions.remove(prescription_id, tx);
        await keepRecent(patient_id, tx);
        await audit.done(actor, [patient_id], tx);
      });
    },

    /** The earlier wordings, the last one first; of a removed prescription for its prescriber and an admin. */
    async listVersions(
      actor: Actor,
      prescription_id: string,
      page: PageRequest,
    ): Promise<Page<PrescriptionVersion>> {
      const current = await prescriptions.find(prescription_id);
      // Not looked for on behalf of a patient: another's prescription and none take the same time (PAT-5).
      const isLookedFor = !current && actor.role !== 'patient';
      const removed = isLookedFor ? await prescriptions.findLastVersion(prescription_id) : null;
      const parties = current ?? removed?.prescription;
      const may = current ? mayRead : canReadRemoved;
      if (!parties || !(await may(actor, parties))) throw notFound('prescription');
      return prescriptions.listVersions(prescription_id, page);
    },
  });

  return {
    forActors,

    find: (prescription_id: string, tx?: MongoTransaction): Promise<Prescription | null> =>
      prescriptions.find(prescription_id, tx),
    existing: (ids: readonly string[]): Promise<ReadonlySet<string>> => prescriptions.existing(ids),
    hasAnyOf: prescriptions.hasAnyOf,
    keepRecent,
    countOfAppointment: (appointment_id: string, tx: MongoTransaction): Promise<number> =>
      prescriptions.countOfAppointment(appointment_id, tx),

    importMany: (records: readonly Prescription[]): Promise<BulkResult> =>
      importChecked(records, {
        idOf: ({ prescription_id }) => prescription_id,
        fault: ({ start_date, end_date }) =>
          start_date && end_date && end_date < start_date ? 'it ends before it starts' : undefined,
        references: [
          { field: 'patient_id', existing: patients.existing },
          { field: 'doctor_id', existing: doctors.existing },
          { field: 'appointment_id', existing: appointments.existing },
        ],
        store: (good) => prescriptions.importMany(good),
      }),
  };
}

export type PrescriptionsService = ReturnType<typeof createPrescriptionsService>;
