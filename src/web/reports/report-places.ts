import { createPlaceNames, type Sought } from '../../domains/reports/engine/index.js';
import type { DoctorName } from '../../domains/network/doctors/index.js';
import { valuesIn } from '../../lib/either-of.js';
import { readable } from '../../lib/names.js';
import type { PageQuery } from './report-query.js';
import type { WebDeps } from '../web.deps.js';

/** A record that a report can be held to. */
export interface Option {
  readonly id: string;
  readonly label: string;
}

/** More than these nobody looks through: they are looked for by name. */
const mostOptions = 60;
/** As many as are told of the ones that a name may mean. */
const mostFound = 10;

/** The places of a query, as the lists take them. */
const placesIn = ({ region, hospital_id, department_id }: PageQuery) => ({
  ...(region !== undefined && { region: valuesIn(region) }),
  ...(hospital_id !== undefined && { hospital_id: valuesIn(hospital_id) }),
  ...(department_id !== undefined && { department_id: valuesIn(department_id) }),
});

type PlaceDeps = Pick<WebDeps, 'hospitals' | 'departments' | 'doctors'>;

/** Hospitals, departments and doctors for the filters of reports: by list where there are few, by name where there are many. */
export function createReportPlaces({ hospitals, departments, doctors }: PlaceDeps) {
  const nameOf = createPlaceNames({ hospitals, departments, doctors });

  async function named(
    found: readonly {
      readonly department_id: string;
      readonly department_name: string;
      readonly hospital_id: string;
    }[],
    isOneHospital: boolean,
  ): Promise<Option[]> {
    const ids = [...new Set(found.map(({ hospital_id }) => hospital_id))];
    const names = new Map(
      await Promise.all(ids.map(async (id) => [id, await nameOf('hospital', id)] as const)),
    );
    return found.map(({ department_id, department_name, hospital_id }) => ({
      id: department_id,
      label: isOneHospital
        ? readable(department_name)
        : `${readable(department_name)}, ${names.get(hospital_id)}`,
    }));
  }

  const optionOf = ({ doctor_id, name, specialty }: DoctorName): Option => ({
    id: doctor_id,
    label: `${readable(name)}, ${readable(specialty)}`,
  });

  /** Those within the places that are chosen, and with these words in their names. At most `limit` and one more. */
  async function list(
    kind: Sought,
    query: PageQuery,
    words: string | undefined,
    limit: number,
  ): Promise<Option[]> {
    const { region, hospital_id, department_id } = placesIn(query);
    const page = { limit: limit + 1 };
    if (kind === 'hospital') {
      const { items } = await hospitals.list({ q: words, region }, page);
      return items.map((one) => ({ id: one.hospital_id, label: readable(one.name) }));
    }
    if (kind === 'department') {
      const { items } = await departments.list({ q: words, hospital_id, region }, page);
      return named(items, hospital_id?.length === 1);
    }
    const found = await doctors.names({ q: words, hospital_id, region, department_id }, page.limit);
    return found.map(optionOf);
  }

  return {
    /** To choose from; null when there are so many that one is looked for by name. */
    async options(kind: Sought, query: PageQuery): Promise<Option[] | null> {
      const options = await list(kind, query, undefined, mostOptions);
      return options.length > mostOptions ? null : options;
    },

    /** Whom the words of the query may mean, the first few. */
    async found(kind: Sought, query: PageQuery): Promise<Option[]> {
      return (await list(kind, query, query[kind], mostFound)).slice(0, mostFound);
    },

    /** What a record is called; its id when it is there no more. */
    nameOf,
  };
}

export type ReportPlaces = ReturnType<typeof createReportPlaces>;
