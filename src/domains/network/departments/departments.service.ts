import type { BulkResult } from '../../../lib/bulk.js';
import type { Clock } from '../../../lib/clock.js';
import { invalidField, notFound, Problem } from '../../../lib/errors.js';
import type { Infer } from '../../../lib/fields.js';
import type { NewId } from '../../../lib/ids.js';
import { createKnown } from '../../../lib/known.js';
import type { Page, PageRequest } from '../../../lib/page.js';
import { checkVersion, refuseTaken, referred } from '../../../lib/records.js';
import { importChecked } from '../../../lib/references.js';
import type { MongoTransaction, Transact } from '../../../lib/transaction.js';
import type { HospitalFilter, HospitalsService } from '../hospitals/index.js';
import type { DepartmentRepository } from './departments.repository.js';
import type { createDepartmentBody, updateDepartmentBody } from './departments.schema.js';
import type { Department } from './departments.types.js';

export interface DepartmentsDeps {
  readonly departments: DepartmentRepository;
  readonly hospitals: Pick<HospitalsService, 'reference' | 'defaultId' | 'idsOf' | 'idsNamed' | 'existing'>;
  readonly transact: Transact;
  readonly clock: Clock;
  readonly newId: NewId;
  countDoctors(department_id: string, tx: MongoTransaction): Promise<number>;
  countPatients(department_id: string, tx: MongoTransaction): Promise<number>;
}

interface DepartmentFilter extends HospitalFilter {
  readonly q?: string | undefined;
}

/** Hours that end before they start are a night's. */
const hasHours = ({ operating_start_hour, operating_end_hour }: Department): boolean =>
  operating_start_hour !== operating_end_hour;

function checkHours(department: Department): void {
  if (!hasHours(department)) {
    throw invalidField(
      '/body/operating_end_hour',
      'must not be operating_start_hour: a whole day is 00:00 to 24:00',
    );
  }
}

export function createDepartmentsService(deps: DepartmentsDeps) {
  const { departments, hospitals, transact, clock, newId } = deps;

  const known = createKnown((department_id) => departments.find(department_id));

  async function get(department_id: string, tx?: MongoTransaction): Promise<Department> {
    const department = await departments.find(department_id, tx);
    if (!department) throw notFound('department');
    return department;
  }

  return {
    get,
    find: (department_id: string, tx?: MongoTransaction): Promise<Department | null> =>
      departments.find(department_id, tx),
    /** As it was a second ago at the most, for what is asked all the time. */
    known: known.of,
    countOfHospital: (hospital_id: string, tx: MongoTransaction): Promise<number> =>
      departments.countOfHospital(hospital_id, tx),
    existing: (ids: readonly string[]): Promise<ReadonlySet<string>> => departments.existing(ids),
    records: { listAfter: departments.listAfter, findMany: departments.findMany },
    /** Of those hospitals, the departments that are open at a local `HH:MM`. */
    idsOpenAt: (hospital_ids: readonly string[], time: string): Promise<string[]> =>
      departments.idsOpenAt(hospital_ids, time),
    /** The departments that a filter by hospital or region means; undefined when it does not filter so. */
    async idsOf(filter: HospitalFilter): Promise<string[] | undefined> {
      const hospital_ids = await hospitals.idsOf(filter);
      return hospital_ids && departments.idsOfHospitals(hospital_ids);
    },
    importMany: (records: readonly Department[]): Promise<BulkResult> =>
      importChecked(records, {
        idOf: ({ department_id }) => department_id,
        fault: (department) => (hasHours(department) ? undefined : 'it closes when it opens'),
        references: [{ field: 'hospital_id', existing: hospitals.existing }],
        store: (good) => departments.importMany(good),
      }),

    /** `q`: words of the department's name, or of its hospital's. */
    async list(filter: DepartmentFilter, page: PageRequest): Promise<Page<Department>> {
      const { q } = filter;
      const named = q === undefined ? undefined : { words: q, hospital_ids: await hospitals.idsNamed(q) };
      return departments.listPage(await hospitals.idsOf(filter), named, page);
    },

    /** DEP-1. Throws `invalid_request`, `already_exists`, `unknown_reference`. */
    async create(body: Infer<typeof createDepartmentBody>): Promise<Department> {
      const now = clock.now();
      const department: Department = {
        ...body,
        hospital_id: body.hospital_id ?? (await hospitals.defaultId()),
        department_id: body.department_id ?? newId('DEP'),
        created_date: now,
        last_update: now,
        version: 1,
      };
      checkHours(department);
      return refuseTaken('department', () =>
        transact(async (tx) => {
          await hospitals.reference(department.hospital_id, tx);
          return departments.insert(department, tx);
        }),
      );
    },

    update(
      department_id: string,
      body: Infer<typeof updateDepartmentBody>,
      ifMatch?: number,
    ): Promise<Department> {
      const updated = refuseTaken('department', () =>
        transact(async (tx) => {
          const department = await get(department_id, tx);
          checkVersion(department, ifMatch);
          checkHours({ ...department, ...body } as Department);
          return (await departments.update(department_id, { ...body, last_update: clock.now() }, tx))!;
        }),
      );
      return known.forgetAfter(department_id, updated);
    },

    remove(department_id: string, ifMatch?: number): Promise<void> {
      const removed = transact(async (tx) => {
        checkVersion(await get(department_id, tx), ifMatch);
        const doctors = await deps.countDoctors(department_id, tx);
        const patients = await deps.countPatients(department_id, tx);
        if (doctors + patients > 0) {
          throw new Problem(
            'still_in_use',
            `The department has ${doctors} doctors and ${patients} patients.`,
          );
        }
        await departments.remove(department_id, tx);
      });
      return known.forgetAfter(department_id, removed);
    },

    /** For a record that is about to refer to the department: see `hospitals.reference`. Throws `unknown_reference`. */
    async reference(department_id: string, tx: MongoTransaction): Promise<Department> {
      return referred('department', department_id, await departments.lockForReference(department_id, tx));
    },
  };
}

export type DepartmentsService = ReturnType<typeof createDepartmentsService>;
