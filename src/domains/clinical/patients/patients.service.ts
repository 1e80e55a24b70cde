import type { Actor } from '../../../lib/actor.js';
import type { BulkResult } from '../../../lib/bulk.js';
import { publicDoor } from '../../../lib/door.js';
import { invalidField, notFound, Problem, UniqueViolation } from '../../../lib/errors.js';
import type { Infer } from '../../../lib/fields.js';
import type { NewId } from '../../../lib/ids.js';
import type { Page } from '../../../lib/page.js';
import { checkVersion, refuseTaken, isToLink, referred, refuseFields } from '../../../lib/records.js';
import { importChecked } from '../../../lib/references.js';
import type { MongoTransaction, Transact } from '../../../lib/transaction.js';
import type { AuditService } from '../../identity/audit/index.js';
import type { PatientOfUser } from '../../identity/ports.js';
import type { DepartmentsService } from '../../network/departments/index.js';
import { ageOn, dayIn, latestBirth } from './patients.age.js';
import { openDiseases, openedOn } from './patients.diagnoses.js';
import type { BreakGlass, EmergencyAccessService } from '../emergency-access/index.js';
import { canList, canManage, canRead, canSet, canUpdate } from './patients.policy.js';
import { replacementOf } from './patients.replacement.js';
import { createMergingService, type MergingDeps } from './merging.service.js';
import type { CareLine } from './patients.repository.js';
import { checkLiving, checkPatient, findFault } from './patients.rules.js';
import type {
  createPatientBody,
  patientQuery,
  replacePatientBody,
  updatePatientBody,
} from './patients.schema.js';
import {
  blankPatient,
  type AppointmentSummary,
  type KnownPatient,
  type Patient,
  type PrescriptionSummary,
} from './patients.types.js';

export interface PatientsDeps extends MergingDeps {
  readonly audit: Pick<AuditService, 'done'>;
  readonly departments: Pick<DepartmentsService, 'reference' | 'existing' | 'idsOf'>;
  readonly emergencyAccess: Pick<EmergencyAccessService, 'isOpen' | 'open'>;
  /** null: there is no such doctor. */
  departmentOfDoctor(doctor_id: string): Promise<string | null>;
  readonly transact: Transact;
  readonly newId: NewId;
  /** Which day it is "today", for ages and new diagnoses. */
  readonly timeZone: string;
  /** Appointments that are still to be held. */
  countOpenAppointments(patient_id: string, tx: MongoTransaction): Promise<number>;
  /** Billed, or decided and still on its way to the billing store. */
  countUnpaidBilling(patient_id: string, tx: MongoTransaction): Promise<number>;
  /** Whether anything is kept of a patient of this id, who may be gone. */
  hadRecords(patient_id: string, tx: MongoTransaction): Promise<boolean>;
  /** Of the user who is the patient; `accountClosed` is called after the commit. */
  /**
   * PAT-9: cancels all that is still to come of a patient who died on that day (midnight UTC); `calledOff` is called after the
   * commit.
   */
  callOff(
    patient_id: string,
    death: { readonly died: Date; readonly by: string },
    tx: MongoTransaction,
  ): Promise<void>;
  calledOff(): Promise<void>;
  closeAccount(user_id: string, tx: MongoTransaction): Promise<void>;
  accountClosed(): Promise<void>;
}

/** A patient as a client sees it, with the age today, or at death. */
type ShownPatient = Patient & { age: number | null };

/** What is left out is as a blank patient has it. */
type CreateBody = Partial<Infer<typeof createPatientBody>> & Pick<Patient, 'name'>;
type UpdateBody = Infer<typeof updatePatientBody>;

function checkMayChange(actor: Actor, changes: UpdateBody): void {
  refuseFields(Object.keys(changes).filter((field) => !canSet(actor, field)));
}

function checkAlternatives({ date_of_birth, age, diseases, diagnoses }: CreateBody): void {
  if (date_of_birth === undefined && age === undefined)
    throw invalidField('/body/date_of_birth', 'is required, or age instead of it');
  if (diseases && diagnoses) throw invalidField('/body/diseases', 'goes without diagnoses');
}

/** A date of birth as it is given, or worked out from an age; no fields when neither is. */
function birth(
  { date_of_birth, age }: { date_of_birth?: Date | null | undefined; age?: number | undefined },
  today: Date,
): Partial<Pick<Patient, 'date_of_birth' | 'date_of_birth_estimated'>> {
  if (date_of_birth !== undefined && age !== undefined)
    throw invalidField('/body/age', 'goes without date_of_birth');
  if (date_of_birth !== undefined) return { date_of_birth, date_of_birth_estimated: false };
  if (age === undefined) return {};
  return { date_of_birth: latestBirth(today, age), date_of_birth_estimated: true };
}

/** As an import stores it, with what is derived derived. */
const withoutSummaries = (patient: Patient): Patient => ({
  ...patient,
  diseases: openDiseases(patient.diagnoses),
  appointments: [],
  prescriptions: [],
});

export function createPatientsService(deps: PatientsDeps) {
  const { patients, departments, audit, transact, clock, newId } = deps;

  const merging = createMergingService(deps);

  const today = (): Date => dayIn(deps.timeZone, clock.now());
  const show = (patient: Patient, day = today()): ShownPatient => ({
    ...patient,
    age: ageOn(patient.deceased_date ?? day, patient.date_of_birth),
  });

  async function get(patient_id: string, tx?: MongoTransaction): Promise<Patient> {
    const patient = await patients.find(patient_id, tx);
    if (patient) return patient;
    throw await merging.missing(patient_id, tx);
  }

  const careOf = async ({ doctor_id }: Actor): Promise<CareLine> => ({
    doctor_id,
    department_id: doctor_id === null ? null : await deps.departmentOfDoctor(doctor_id),
  });

  /** PAT-8: whether the record may be read, by a doctor too, who opens it for an hour where `glass` says why. Throws `not_found`. */
  async function isReadable(actor: Actor, patient_id: string, glass?: BreakGlass): Promise<boolean> {
    if (actor.role !== 'doctor') return canRead(actor, { patient_id });
    if (await patients.isInCare(patient_id, await careOf(actor))) return true;
    const { reason = null } = glass ?? {};
    if (reason === null) return deps.emergencyAccess.isOpen(actor, patient_id);
    if (!(await patients.find(patient_id))) throw notFound('patient');
    await deps.emergencyAccess.open(actor, patient_id, { ...glass!, reason });
    return true;
  }

  function newPatient(known: KnownPatient): Patient {
    const patient = blankPatient(known, clock.now());
    return { ...patient, diseases: openDiseases(patient.diagnoses) };
  }

  async function change(
    actor: Actor,
    patient_id: string,
    changesTo: (patient: Patient) => UpdateBody,
    ifMatch?: number,
  ): Promise<ShownPatient> {
    // Asked before anything is read: that another patient exists is not to be told by the time it takes (PAT-5).
    if (!canUpdate(actor, { patient_id })) throw notFound('patient');
    const changed = await transact(async (tx) => {
      const patient = await get(patient_id, tx);
      const asked = changesTo(patient);
      checkMayChange(actor, asked);
      checkVersion(patient, ifMatch);
      const { date_of_birth, age, contact, ...rest } = asked;
      const changes = {
        ...rest,
        ...birth({ date_of_birth, age }, today()),
        ...(contact ? { contact: { ...patient.contact, ...contact } as Patient['contact'] } : {}),
        ...(rest.diagnoses ? { diseases: openDiseases(rest.diagnoses) } : {}),
        updated_at: clock.now(),
      };
      checkPatient({ ...patient, ...changes } as Patient, today());
      if (changes.department_id) await departments.reference(changes.department_id, tx);
      // Undone, it calls nothing back: the slots may be somebody else's by now.
      const died = patient.deceased_date ? null : (changes.deceased_date ?? null);
      if (died) await deps.callOff(patient_id, { died, by: actor.user_id }, tx);
      await audit.done(actor, [patient_id], tx);
      return (await patients.update(patient_id, changes, tx))!;
    });
    if (changed.deceased_date) await deps.calledOff();
    return show(changed);
  }

  const forActors = publicDoor({
    /**
     * PAT-5: to a patient, another's record and none are the same 404, told before anything is read. PAT-8: to a doctor, one that is
     * not of their patients and none are the same 403. Throws `not_found`, `break_glass_needed`, `patient_merged`.
     */
    async get(actor: Actor, patient_id: string, glass?: BreakGlass): Promise<ShownPatient> {
      // Who states a reason is told that there is none, and where it is if it was merged.
      if (actor.role === 'doctor' && glass && glass.reason !== null) await get(patient_id);
      if (!(await isReadable(actor, patient_id, glass))) {
        if (actor.role !== 'doctor') throw notFound('patient');
        const into = await merging.mergedInto(patient_id);
        if (into !== null && (await isReadable(actor, into))) throw await merging.missing(patient_id);
        throw new Problem('break_glass_needed');
      }
      return show(await get(patient_id));
    },

    /** PAT-2. Throws `forbidden`, `invalid_request`. */
    async list(actor: Actor, query: Infer<typeof patientQuery>): Promise<Page<ShownPatient>> {
      if (!canList(actor)) throw new Problem('forbidden');
      const { limit, cursor, sort, hospital_id, region, age_from, age_to, ...rest } = query;
      if (age_from !== undefined && age_to !== undefined && age_to < age_from)
        throw invalidField('/query/age_to', 'must not be less than age_from');
      const filter = {
        ...rest,
        department_ids: await departments.idsOf({ hospital_id, region }),
        care: actor.role === 'doctor' ? await careOf(actor) : undefined,
        age: { from: age_from, to: age_to, today: today() },
      };
      const { items, next_cursor } = await patients.listPage(filter, sort, { limit, cursor });
      const day = today();
      return { items: items.map((patient) => show(patient, day)), next_cursor };
    },

    /** PAT-1, PAT-6. Throws `forbidden`, `already_exists`, `unknown_reference`, `invalid_request`. */
    async create(actor: Actor, body: CreateBody): Promise<ShownPatient> {
      if (!canManage(actor)) throw new Problem('forbidden');
      checkAlternatives(body);
      const { date_of_birth, age, diseases, diagnoses, ...rest } = body;
      const patient = newPatient({
        ...rest,
        ...birth({ date_of_birth, age }, today()),
        patient_id: body.patient_id ?? newId('P'),
        diagnoses: diagnoses ?? openedOn(today(), diseases ?? []),
      });
      checkPatient(patient, today());
      const created = await refuseTaken('patient', () =>
        transact(async (tx) => {
          if (patient.department_id !== null) await departments.reference(patient.department_id, tx);
          // The one who had the id before: their visits and bills are not shown to another.
          const id = patient.patient_id;
          if (
            body.patient_id !== undefined &&
            ((await deps.hadRecords(id, tx)) || (await merging.mergedInto(id, tx)) !== null)
          )
            throw new UniqueViolation('_id');
          await audit.done(actor, [patient.patient_id], tx);
          return patients.insert(patient, tx);
        }),
      );
      return show(created);
    },

    /** Throws `not_found`, `forbidden`, `stale_version`, `invalid_request`, `unknown_reference`. */
    update: (actor: Actor, patient_id: string, body: UpdateBody, ifMatch?: number): Promise<ShownPatient> =>
      change(actor, patient_id, () => body, ifMatch),

    /**
     * As `update`; what is sent as it stands already is no change, so patients may send back their whole record. What is left
     * out stays, but for the department, which an admin who does not name it takes away.
     */
    replace: (
      actor: Actor,
      patient_id: string,
      body: Infer<typeof replacePatientBody>,
      ifMatch?: number,
    ): Promise<ShownPatient> =>
      change(actor, patient_id, (patient) => replacementOf(actor, patient, body, today()), ifMatch),

    /** Throws `forbidden`, `not_found`, `stale_version`, `still_in_use`. */
    async remove(actor: Actor, patient_id: string, ifMatch?: number): Promise<void> {
      if (!canManage(actor)) throw new Problem('forbidden');
      await transact(async (tx) => {
        const { user_id, version } = await get(patient_id, tx);
        checkVersion({ version }, ifMatch);
        const appointments = await deps.countOpenAppointments(patient_id, tx);
        const bills = await deps.countUnpaidBilling(patient_id, tx);
        if (appointments + bills > 0) {
          throw new Problem(
            'still_in_use',
            `The patient has ${appointments} appointments to come and ${bills} unpaid bills.`,
          );
        }
        if (user_id !== null) await deps.closeAccount(user_id, tx);
        await patients.remove(patient_id, tx);
        await deps.forgetDuplicates(patient_id, tx);
        await audit.done(actor, [patient_id], tx);
      });
      await deps.accountClosed();
    },
  });

  return {
    forActors,
    isReadable,
    /** PAT-8: of those whom a doctor treats. */
    idsInCareOf: patients.idsInCareOf,

    find: (patient_id: string, tx?: MongoTransaction): Promise<Patient | null> =>
      patients.find(patient_id, tx),
    /** Throws `not_found`, `patient_deceased`. */
    async living(patient_id: string, tx?: MongoTransaction): Promise<Patient> {
      const patient = await patients.find(patient_id, tx);
      if (!patient) throw notFound('patient');
      checkLiving(patient);
      return patient;
    },
    existing: (ids: readonly string[]): Promise<ReadonlySet<string>> => patients.existing(ids),
    records: { listAfter: patients.listAfter, findMany: patients.findMany },
    countInDepartment: (department_id: string, tx: MongoTransaction): Promise<number> =>
      patients.countInDepartment(department_id, tx),

    /** The record of somebody who registers, made in the transaction that makes the account. Throws `invalid_request`. */
    createForUser(user: PatientOfUser, tx: MongoTransaction): Promise<Patient> {
      const { user_id, name, email, phone, date_of_birth, age, sex } = user;
      const patient = newPatient({
        patient_id: newId('P'),
        user_id,
        name,
        ...birth({ date_of_birth, age }, today()),
        ...(sex ? { sex } : {}),
        contact: { phone, email, address: null },
      });
      checkPatient(patient, today());
      return patients.insert(patient, tx);
    },

    /** For an account that is about to be the patient's. Throws `unknown_reference`, `already_exists`. */
    async linkUser(patient_id: string, user_id: string, tx: MongoTransaction): Promise<void> {
      const patient = referred('patient', patient_id, await patients.find(patient_id, tx));
      if (isToLink(patient, user_id, 'patient'))
        await patients.update(patient_id, { user_id, updated_at: clock.now() }, tx);
    },

    /*
     * The summaries are kept by the domains that they summarise, in their own transactions (PAT-1); as a write to the
     * patient's document they also make a booking and a removal of the patient conflict, so that no orphan is left.
     * They are not a client's to edit and do not raise the version: a booking must not refuse somebody who is correcting
     * an address. Of a patient who is gone there is nothing to keep.
     */
    async addRecentAppointment(
      patient_id: string,
      appointment: AppointmentSummary,
      tx: MongoTransaction,
    ): Promise<Pick<Patient, 'user_id' | 'appointments'> | null> {
      const patient = await patients.addRecentAppointment(patient_id, appointment, tx);
      if (patient) checkLiving(patient);
      return patient;
    },
    setRecentAppointments: (
      patient_id: string,
      appointments: readonly AppointmentSummary[],
      care_team: readonly string[],
      tx: MongoTransaction,
    ): Promise<void> => patients.setSummaries(patient_id, { appointments, care_team }, tx),
    setRecentPrescriptions: (
      patient_id: string,
      prescriptions: readonly PrescriptionSummary[],
      tx: MongoTransaction,
    ): Promise<void> => patients.setSummaries(patient_id, { prescriptions }, tx),
    /** The same for many, after an import. */
    refreshRecent: (patient_ids: readonly string[]): Promise<void> => patients.refreshRecent(patient_ids),

    merge: merging.merge,
    unmerge: merging.unmerge,
    mergedInto: merging.mergedInto,
    partsOf: merging.partsOf,
    matching: patients.matching,

    /** Without summaries: `refreshRecent` fills them when what they summarise is there. */
    async importMany(records: readonly Patient[]): Promise<BulkResult> {
      const day = today();
      const merged = await merging.isMerged(records.map(({ patient_id }) => patient_id));
      return importChecked(records, {
        idOf: ({ patient_id }) => patient_id,
        fault(patient) {
          if (merged.has(patient.patient_id)) return 'it is a part of another record now';
          const fault = findFault(patient, day);
          return fault && `${fault.field} ${fault.message}`;
        },
        references: [{ field: 'department_id', existing: departments.existing }],
        store: (good) => patients.importMany(good.map(withoutSummaries)),
      });
    },
  };
}

export type PatientsService = ReturnType<typeof createPatientsService>;
