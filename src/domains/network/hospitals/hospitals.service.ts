import type { BulkResult } from '../../../lib/bulk.js';
import type { Clock } from '../../../lib/clock.js';
import { invalidField, notFound, Problem } from '../../../lib/errors.js';
import type { Infer } from '../../../lib/fields.js';
import type { NewId } from '../../../lib/ids.js';
import { createKnown } from '../../../lib/known.js';
import type { Page, PageRequest } from '../../../lib/page.js';
import { checkVersion, refuseTaken, referred } from '../../../lib/records.js';
import type { MongoTransaction, Transact } from '../../../lib/transaction.js';
import type { HospitalRepository } from './hospitals.repository.js';
import type { createHospitalBody, updateHospitalBody } from './hospitals.schema.js';
import type { Hospital } from './hospitals.types.js';

export interface HospitalsDeps {
  readonly hospitals: HospitalRepository;
  readonly transact: Transact;
  readonly clock: Clock;
  readonly newId: NewId;
  /** The zone of a hospital that does not name its own. */
  readonly timeZone: string;
  /** The hospital of a department that names none, if the configuration says. */
  readonly defaultHospitalId: string | undefined;
  countDepartments(hospital_id: string, tx: MongoTransaction): Promise<number>;
}

/** NET-1: what every list and report filters by: one, or any of several. */
export interface HospitalFilter {
  readonly hospital_id?: string | readonly string[] | undefined;
  readonly region?: string | readonly string[] | undefined;
}

export function createHospitalsService(deps: HospitalsDeps) {
  const { hospitals, transact, clock, newId } = deps;
  const known = createKnown((hospital_id) => hospitals.find(hospital_id));

  async function get(hospital_id: string, tx?: MongoTransaction): Promise<Hospital> {
    const hospital = await hospitals.find(hospital_id, tx);
    if (!hospital) throw notFound('hospital');
    return hospital;
  }

  return {
    get,
    find: (hospital_id: string, tx?: MongoTransaction): Promise<Hospital | null> =>
      hospitals.find(hospital_id, tx),
    /** As it was a second ago at the most, for what is asked all the time. */
    known: known.of,
    list: (
      filter: Pick<HospitalFilter, 'region'> & { q?: string | undefined },
      page: PageRequest,
    ): Promise<Page<Hospital>> => {
      const { region, q } = filter;
      return hospitals.listPage({ q, regions: region === undefined ? undefined : [region].flat() }, page);
    },
    /** The hospitals that a list's or report's filter means; undefined when it does not filter by hospital. */
    async idsOf(filter: HospitalFilter): Promise<string[] | undefined> {
      const { region } = filter;
      const asked = filter.hospital_id === undefined ? undefined : [filter.hospital_id].flat();
      if (region === undefined) return asked;
      const ids = await hospitals.idsOfRegions([region].flat());
      return asked ? ids.filter((id) => asked.includes(id)) : ids;
    },
    /**
     * Of a record that names no hospital: the one of the configuration, else the only one there is. Throws
     * `invalid_request` when neither says which.
     */
    async defaultId(): Promise<string> {
      if (deps.defaultHospitalId !== undefined) return deps.defaultHospitalId;
      const [only, ...others] = await hospitals.firstIds(2);
      if (only !== undefined && others.length === 0) return only;
      throw invalidField(
        '/body/hospital_id',
        `is required: there ${only === undefined ? 'is no hospital yet' : 'are several hospitals, and DEFAULT_HOSPITAL_ID names none'}`,
      );
    },
    /** The hospitals whose names hold all the words. */
    idsNamed: (words: string): Promise<string[]> => hospitals.idsNamed(words),
    /** All that there are, in order. */
    regions: (): Promise<string[]> => hospitals.regions(),
    /** hospital_id → time zone; without ids, of all hospitals. */
    timeZones: (hospital_ids?: readonly string[]): Promise<Map<string, string>> =>
      hospitals.timeZones(hospital_ids),
    existing: (ids: readonly string[]): Promise<ReadonlySet<string>> => hospitals.existing(ids),
    records: { listAfter: hospitals.listAfter, findMany: hospitals.findMany },
    importMany: (records: readonly Hospital[]): Promise<BulkResult> => hospitals.importMany(records),

    create(body: Infer<typeof createHospitalBody>): Promise<Hospital> {
      const now = clock.now();
      const hospital: Hospital = {
        ...body,
        hospital_id: body.hospital_id ?? newId('H'),
        time_zone: body.time_zone ?? deps.timeZone,
        version: 1,
        created_at: now,
        updated_at: now,
      };
      return refuseTaken('hospital', () => transact((tx) => hospitals.insert(hospital, tx)));
    },

    update(hospital_id: string, body: Infer<typeof updateHospitalBody>, ifMatch?: number): Promise<Hospital> {
      const updated = transact(async (tx) => {
        checkVersion(await get(hospital_id, tx), ifMatch);
        return (await hospitals.update(hospital_id, { ...body, updated_at: clock.now() }, tx))!;
      });
      return known.forgetAfter(hospital_id, updated);
    },

    remove(hospital_id: string, ifMatch?: number): Promise<void> {
      const removed = transact(async (tx) => {
        checkVersion(await get(hospital_id, tx), ifMatch);
        const departments = await deps.countDepartments(hospital_id, tx);
        if (departments > 0)
          throw new Problem('still_in_use', `The hospital has ${departments} departments.`);
        await hospitals.remove(hospital_id, tx);
      });
      return known.forgetAfter(hospital_id, removed);
    },

    /**
     * For a record that is about to refer to the hospital: reads it inside `tx` and writes to it, so that a removal at
     * the same moment conflicts instead of leaving an orphan. Throws `unknown_reference`.
     */
    async reference(hospital_id: string, tx: MongoTransaction): Promise<Hospital> {
      return referred('hospital', hospital_id, await hospitals.lockForReference(hospital_id, tx));
    },
  };
}

export type HospitalsService = ReturnType<typeof createHospitalsService>;
