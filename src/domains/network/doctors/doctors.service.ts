import type { Actor } from '../../../lib/actor.js';
import type { BulkResult } from '../../../lib/bulk.js';
import { differences, given } from '../../../lib/changes.js';
import type { Clock } from '../../../lib/clock.js';
import { invalidField, notFound, Problem, UniqueViolation } from '../../../lib/errors.js';
import type { Infer } from '../../../lib/fields.js';
import type { NewId } from '../../../lib/ids.js';
import type { Page } from '../../../lib/page.js';
import { checkVersion, refuseTaken, isToLink, referred, refuseFields } from '../../../lib/records.js';
import { importChecked } from '../../../lib/references.js';
import type { MongoTransaction, Transact } from '../../../lib/transaction.js';
import type { Department, DepartmentsService } from '../departments/index.js';
import type { HospitalFilter, HospitalsService } from '../hospitals/index.js';
import { findWindowFault, isAvailable, isOnLeave, localTime } from './doctors.availability.js';
import { canReadRecord, canSet, canUpdate } from './doctors.policy.js';
import type { DoctorRepository, Place } from './doctors.repository.js';
import type {
  createDoctorBody,
  doctorQuery,
  replaceDoctorBody,
  updateDoctorBody,
  updateDoctorQuery,
} from './doctors.schema.js';
import type { AvailabilityWindow, Doctor, DoctorName } from './doctors.types.js';

export interface DoctorsDeps {
  readonly doctors: DoctorRepository;
  readonly departments: Pick<DepartmentsService, 'get' | 'known' | 'reference' | 'existing' | 'idsOpenAt'>;
  readonly hospitals: Pick<HospitalsService, 'get' | 'known' | 'idsOf' | 'timeZones'>;
  readonly locks: { exclude(name: string, tx: MongoTransaction): Promise<void> };
  readonly transact: Transact;
  readonly clock: Clock;
  readonly newId: NewId;
  /** Appointments that are still to be held. */
  countOpenAppointments(doctor_id: string, tx: MongoTransaction): Promise<number>;
  /** Visits that are to be held and begin in the half-open period, in order. */
  scheduledVisits(
    doctor_id: string,
    period: { readonly from: Date; readonly to: Date },
    tx: MongoTransaction,
  ): Promise<readonly { readonly appointment_id: string; readonly date: Date }[]>;
  /** Whether anything is kept of a doctor of this id, who may be gone. */
  hadRecords(doctor_id: string, tx: MongoTransaction): Promise<boolean>;
  /** Of the user who is the doctor; `accountClosed` is called after the commit. */
  closeAccount(user_id: string, tx: MongoTransaction): Promise<void>;
  accountClosed(): Promise<void>;
}

/** A doctor as anybody may see them: `available` today. */
type ShownDoctor = Doctor & { available: boolean };

/** What the slots of a doctor follow from: see doctors.slots.ts. */
export interface Duty {
  readonly doctor: Doctor;
  readonly hours: Department;
  /** Of the hospital. */
  readonly zone: string;
}

/** A list's query, where the places may be several of each. */
type DoctorList = Omit<Infer<typeof doctorQuery>, 'hospital_id' | 'region' | 'department_id'> &
  HospitalFilter & { readonly department_id?: string | readonly string[] | undefined };

type DoctorChanges = Infer<typeof updateDoctorBody>;

/** `ifMatch`: the version that was read. */
type ChangeOptions = Infer<typeof updateDoctorQuery> & { readonly ifMatch?: number | undefined };

const dayMs = 86_400_000;
/** How many visits a refusal names. */
const mostNamed = 100;

function checkWindows(availability: readonly AvailabilityWindow[]): void {
  const fault = findWindowFault(availability);
  if (fault) throw invalidField(`/body/availability/${fault.index}`, fault.message);
}

function checkMayChange(actor: Actor, doctor: Doctor, changes: DoctorChanges): void {
  if (!canUpdate(actor, doctor)) throw new Problem('forbidden', 'That is another doctor.');
  refuseFields(Object.keys(changes).filter((field) => !canSet(actor, field)));
}

export function createDoctorsService(deps: DoctorsDeps) {
  const { doctors, departments, hospitals, locks, transact, clock, newId } = deps;

  async function get(doctor_id: string, tx?: MongoTransaction): Promise<Doctor> {
    const doctor = await doctors.find(doctor_id, tx);
    if (!doctor) throw notFound('doctor');
    return doctor;
  }

  /** A booking at the same moment shares this lock: the store refuses one of the two, which is then run again. */
  const excludeBookings = (doctor_id: string, tx: MongoTransaction): Promise<void> =>
    locks.exclude(`doctor:${doctor_id}`, tx);

  async function show(found: readonly Doctor[]): Promise<ShownDoctor[]> {
    const zones = await hospitals.timeZones([...new Set(found.map(({ hospital_id }) => hospital_id))]);
    const now = clock.now();
    return found.map((doctor) => {
      const { day } = localTime(now, zones.get(doctor.hospital_id) ?? 'UTC');
      return { ...doctor, available: isAvailable(doctor, day) };
    });
  }

  /** What the clocks say at that instant in those hospitals, or in all of them. */
  async function placesAt(at: Date, hospital_ids: readonly string[] | undefined): Promise<Place[]> {
    const zones = await hospitals.timeZones(hospital_ids);
    return [...new Set(zones.values())].map((zone) => ({
      hospital_ids: [...zones.keys()].filter((hospital_id) => zones.get(hospital_id) === zone),
      local: localTime(at, zone),
    }));
  }

  async function dutyAt(at: Date, hospital_ids: readonly string[] | undefined) {
    const places = await placesAt(at, hospital_ids);
    return Promise.all(
      places.map(async (place) => ({
        ...place,
        open_departments: await departments.idsOpenAt(place.hospital_ids, place.local.time),
      })),
    );
  }

  /** BOOK-10. Throws `leave_has_visits`, with the visits of the days that were not days of leave before. */
  async function refuseOverVisits(
    doctor: Doctor,
    leave_days: readonly Date[],
    tx: MongoTransaction,
  ): Promise<void> {
    const days = leave_days.filter((day) => !isOnLeave(doctor, day)).map((day) => day.getTime());
    if (days.length === 0) return;
    const { doctor_id, hospital_id } = doctor;
    await excludeBookings(doctor_id, tx);
    const { time_zone } = await hospitals.get(hospital_id, tx);
    // A day of the calendar begins up to so much before or after that of UTC.
    const from = new Date(Math.max(Math.min(...days) - dayMs, clock.now().getTime()));
    const period = { from, to: new Date(Math.max(...days) + 2 * dayMs) };
    const found = await deps.scheduledVisits(doctor_id, period, tx);
    const visits = found
      .filter(({ date }) => days.includes(localTime(date, time_zone).day.getTime()))
      .map(({ appointment_id, date }) => ({ appointment_id, date }));
    if (visits.length === 0) return;
    throw new Problem(
      'leave_has_visits',
      `${visits.length} on days of the leave: move or cancel them, or send keep_visits=true and they stay.`,
      { more: { visits: visits.slice(0, mostNamed) } },
    );
  }

  function change(
    actor: Actor,
    doctor_id: string,
    changesTo: (doctor: Doctor) => DoctorChanges,
    { ifMatch, keep_visits = false }: ChangeOptions,
  ): Promise<Doctor> {
    return refuseTaken('doctor', () =>
      transact(async (tx) => {
        const doctor = await get(doctor_id, tx);
        const changes = changesTo(doctor);
        checkMayChange(actor, doctor, changes);
        checkVersion(doctor, ifMatch);
        if (changes.availability) checkWindows(changes.availability);
        if (changes.leave_days && !keep_visits) await refuseOverVisits(doctor, changes.leave_days, tx);
        const { department_id } = changes;
        let hospital_id: string | undefined;
        if (department_id !== undefined && department_id !== doctor.department_id) {
          // A booking copies both.
          await excludeBookings(doctor_id, tx);
          ({ hospital_id } = await departments.reference(department_id, tx));
        }
        return (await doctors.update(doctor_id, { ...changes, hospital_id, updated_at: clock.now() }, tx))!;
      }),
    );
  }

  return {
    get,
    find: (doctor_id: string, tx?: MongoTransaction): Promise<Doctor | null> => doctors.find(doctor_id, tx),
    existing: (ids: readonly string[]): Promise<ReadonlySet<string>> => doctors.existing(ids),
    records: { listAfter: doctors.listAfter, findMany: doctors.findMany },
    countInDepartment: (department_id: string, tx: MongoTransaction): Promise<number> =>
      doctors.countInDepartment(department_id, tx),

    /**
     * DOC-3. Hours and zone are read beside the transaction, where many share a query: nobody locks them, so they may change
     * before it commits in any case. Throws `not_found`.
     */
    async duty(doctor_id: string, tx?: MongoTransaction): Promise<Duty> {
      const doctor = await get(doctor_id, tx);
      const { department_id, hospital_id } = doctor;
      const [hours, hospital] = await Promise.all([
        departments.known(department_id),
        hospitals.known(hospital_id),
      ]);
      // They are gone when the doctor has moved since the transaction began: then it conflicts, and is run again.
      return {
        doctor,
        hours: hours ?? (await departments.get(department_id, tx)),
        zone: (hospital ?? (await hospitals.get(hospital_id, tx))).time_zone,
      };
    },

    async show(doctor_id: string): Promise<ShownDoctor> {
      const [shown] = await show([await get(doctor_id)]);
      return shown!;
    },

    /** The whole record, for an admin and the doctor. Throws `not_found`, `forbidden`. */
    async record(actor: Actor, doctor_id: string): Promise<Doctor> {
      const doctor = await get(doctor_id);
      if (!canReadRecord(actor, doctor)) throw new Problem('forbidden', 'That is another doctor.');
      return doctor;
    },

    /** To choose one from: the first `limit` of these places, and of whom `q` may mean. */
    async names(
      { q, department_id, ...places }: Pick<DoctorList, 'q' | 'department_id' | keyof HospitalFilter>,
      limit: number,
    ): Promise<DoctorName[]> {
      const department_ids = department_id === undefined ? undefined : [department_id].flat();
      return doctors.listNames({ q, department_ids, hospital_ids: await hospitals.idsOf(places) }, limit);
    },

    /** DOC-2 */
    async list(query: DoctorList): Promise<Page<ShownDoctor>> {
      const { limit, cursor, hospital_id, region, department_id, available, available_at, ...rest } = query;
      const hospital_ids = await hospitals.idsOf({ hospital_id, region });
      const filter = {
        ...rest,
        hospital_ids,
        department_ids: department_id === undefined ? undefined : [department_id].flat(),
        available:
          available === undefined
            ? undefined
            : { wanted: available, places: await placesAt(clock.now(), hospital_ids) },
        on_duty: available_at && (await dutyAt(available_at, hospital_ids)),
      };
      const { items, next_cursor } = await doctors.listPage(filter, { limit, cursor });
      return { items: await show(items), next_cursor };
    },

    /** DOC-1. Throws `already_exists`, `unknown_reference`, `invalid_request`. */
    create(body: Infer<typeof createDoctorBody>): Promise<Doctor> {
      checkWindows(body.availability);
      const now = clock.now();
      const doctor_id = body.doctor_id ?? newId('D');
      return refuseTaken('doctor', () =>
        transact(async (tx) => {
          const { hospital_id } = await departments.reference(body.department_id, tx);
          // The one who had the id before: their patients are not shown to another.
          if (body.doctor_id !== undefined && (await deps.hadRecords(doctor_id, tx)))
            throw new UniqueViolation('_id');
          const doctor: Doctor = {
            ...body,
            doctor_id,
            hospital_id,
            user_id: null,
            version: 1,
            created_at: now,
            updated_at: now,
          };
          return doctors.insert(doctor, tx);
        }),
      );
    },

    /**
     * Throws `not_found`, `forbidden`, `stale_version`, `invalid_request`, `unknown_reference`, `already_exists`,
     * `leave_has_visits`.
     */
    update: (
      actor: Actor,
      doctor_id: string,
      body: DoctorChanges,
      options: ChangeOptions = {},
    ): Promise<Doctor> => change(actor, doctor_id, () => body, options),

    /** As `update`; what is sent as it stands or is left out is no change, so doctors may send back their whole record. */
    replace: (
      actor: Actor,
      doctor_id: string,
      body: Infer<typeof replaceDoctorBody>,
      options: ChangeOptions = {},
    ): Promise<Doctor> => {
      if (body.doctor_id !== undefined && body.doctor_id !== doctor_id)
        throw invalidField('/body/doctor_id', 'is not the one of the address');
      return change(actor, doctor_id, (doctor) => differences(doctor, given(body)), options);
    },

    async remove(doctor_id: string, ifMatch?: number): Promise<void> {
      await transact(async (tx) => {
        const { user_id, version } = await get(doctor_id, tx);
        checkVersion({ version }, ifMatch);
        await excludeBookings(doctor_id, tx);
        const appointments = await deps.countOpenAppointments(doctor_id, tx);
        if (appointments > 0)
          throw new Problem('still_in_use', `The doctor has ${appointments} appointments to come.`);
        if (user_id !== null) await deps.closeAccount(user_id, tx);
        await doctors.remove(doctor_id, tx);
      });
      await deps.accountClosed();
    },

    /** For an account that is about to be the doctor's. Throws `unknown_reference`, `already_exists`. */
    async linkUser(doctor_id: string, user_id: string, tx: MongoTransaction): Promise<void> {
      const doctor = referred('doctor', doctor_id, await doctors.find(doctor_id, tx));
      if (isToLink(doctor, user_id, 'doctor'))
        await doctors.update(doctor_id, { user_id, updated_at: clock.now() }, tx);
    },

    importMany: (records: readonly Doctor[]): Promise<BulkResult> =>
      importChecked(records, {
        idOf: ({ doctor_id }) => doctor_id,
        fault({ availability }) {
          const fault = findWindowFault(availability);
          return fault && `availability ${fault.index} ${fault.message}`;
        },
        references: [{ field: 'department_id', existing: departments.existing }],
        store: (good) => doctors.importMany(good),
      }),
  };
}

export type DoctorsService = ReturnType<typeof createDoctorsService>;
