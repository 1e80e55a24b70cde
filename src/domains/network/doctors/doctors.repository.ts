import type { Connection } from 'mongoose';
import {
  createDocumentStore,
  type DocumentFilter,
  type SortOrder,
} from '../../../databases/mongo/document-store.js';
import { nameSearch } from '../../../databases/mongo/name-search.js';
import type { Page, PageRequest } from '../../../lib/page.js';
import type { MongoTransaction } from '../../../lib/transaction.js';
import type { LocalTime } from './doctors.availability.js';
import { doctorModel } from './doctors.model.js';
import type { Doctor, DoctorName } from './doctors.types.js';

/** Hospitals whose clocks say the same. */
export interface Place {
  readonly hospital_ids: readonly string[];
  readonly local: LocalTime;
}

/** What a list filters by; no `hospital_ids` means all of them. */
interface DoctorFilter {
  readonly specialty?: string | undefined;
  readonly department_ids?: readonly string[] | undefined;
  readonly hospital_ids?: readonly string[] | undefined;
  readonly q?: string | undefined;
  /** Available now (or, when not `wanted`, not); `places` are all those in question. */
  readonly available?: { readonly wanted: boolean; readonly places: readonly Place[] } | undefined;
  /** On duty at a time, in the departments that are open then. */
  readonly on_duty?: readonly (Place & { readonly open_departments: readonly string[] })[] | undefined;
}

const byName: SortOrder<Doctor> = { name: 'name_order', field: 'name_order', direction: 1 };

/** An empty `$or` would be dropped by mongoose, and match everything. */
const anyOf = (conditions: readonly DocumentFilter[]): DocumentFilter =>
  conditions.length > 0 ? { $or: [...conditions] } : { _id: { $in: [] } };

// The two conditions say in MongoDB what doctors.availability.ts defines; a test compares both.
const isAvailable = ({ hospital_ids, local }: Place): DocumentFilter => ({
  hospital_id: { $in: [...hospital_ids] },
  accepting: true,
  registration_expiry: { $gte: local.day },
});

/** A window of that weekday that has begun and is not over, or one of the day before that goes on past midnight. */
function isWithin(weekday: number, time: string): DocumentFilter {
  const [start, end] = ['$$window.start', '$$window.end'];
  const isNight = { $lt: [end, start] };
  const isOver = { $lte: [end, time] };
  return {
    $or: [
      {
        $and: [
          { $eq: ['$$window.weekday', weekday] },
          { $lte: [start, time] },
          { $or: [isNight, { $not: isOver }] },
        ],
      },
      { $and: [{ $eq: ['$$window.weekday', weekday === 1 ? 7 : weekday - 1] }, isNight, { $not: isOver }] },
    ],
  };
}

const isOnDuty = ({
  open_departments,
  ...place
}: Place & { open_departments: readonly string[] }): DocumentFilter => {
  const { day, weekday, time } = place.local;
  return {
    ...isAvailable(place),
    department_id: { $in: [...open_departments] },
    leave_days: { $ne: day },
    $expr: {
      $anyElementTrue: { $map: { input: '$availability', as: 'window', in: isWithin(weekday, time) } },
    },
  };
};

function toFilter({
  specialty,
  department_ids,
  hospital_ids,
  q,
  available,
  on_duty,
}: DoctorFilter): DocumentFilter {
  const conditions: DocumentFilter[] = [];
  if (q !== undefined) conditions.push(nameSearch(q));
  if (specialty !== undefined) conditions.push({ specialty });
  if (department_ids) conditions.push({ department_id: { $in: [...department_ids] } });
  if (hospital_ids) conditions.push({ hospital_id: { $in: [...hospital_ids] } });
  if (available) {
    const condition = anyOf(available.places.map(isAvailable));
    conditions.push(available.wanted ? condition : { $nor: [condition] });
  }
  if (on_duty) conditions.push(anyOf(on_duty.map(isOnDuty)));
  return conditions.length > 0 ? { $and: conditions } : {};
}

export function createDoctorRepository(connection: Connection) {
  const model = doctorModel.on(connection);
  const store = createDocumentStore<Doctor, 'doctor_id'>(model, 'doctor_id', {
    money: ['consultation_fee'],
    named: 'name',
  });
  return {
    ...store,
    listPage: (filter: DoctorFilter, page: PageRequest): Promise<Page<Doctor>> =>
      store.page(toFilter(filter), byName, page),
    /** The first `limit` as they are called, by name. */
    listNames: (filter: DoctorFilter, limit: number): Promise<DoctorName[]> =>
      model
        .find(toFilter(filter) as never, 'name specialty')
        .sort({ name_order: 1, _id: 1 })
        .limit(limit)
        .lean<{ _id: string; name: string; specialty: string }[]>()
        .then((found) => found.map(({ _id, ...words }) => ({ doctor_id: _id, ...words }))),
    countInDepartment: (department_id: string, tx: MongoTransaction): Promise<number> =>
      store.count({ department_id }, tx),
  };
}

export type DoctorRepository = ReturnType<typeof createDoctorRepository>;
