import { faultInPhone } from '../../../lib/phone.js';
import { faultInName } from '../../../lib/text.js';
import { zoneNamed } from '../../../lib/zones.js';
import type { Patient, PatientsService } from '../../clinical/patients/index.js';
import type { Department, DepartmentsService } from '../../network/departments/index.js';
import type { Doctor, DoctorsService } from '../../network/doctors/index.js';
import type { Hospital, HospitalsService } from '../../network/hospitals/index.js';
import type { DriftCheck } from './reconciliation.check.js';

export interface StandingDeps {
  readonly patients: Pick<PatientsService, 'records'>;
  readonly hospitals: Pick<HospitalsService, 'records'>;
  readonly departments: Pick<DepartmentsService, 'records'>;
  readonly doctors: Pick<DoctorsService, 'records'>;
}

/** What is wrong with a field of a record, in a few words and without what it holds. */
type Faults = Readonly<Record<string, string | undefined>>;

interface Collection<E> {
  readonly what: string;
  readonly records: {
    listAfter(id: string, limit: number): Promise<E[]>;
    findMany(ids: readonly string[]): Promise<E[]>;
  };
  idOf(record: E): string;
  faultsIn(record: E): Faults;
}

const pageSize = 1_000;

const faultInZone = (zone: string): string | undefined =>
  zoneNamed(zone) === zone ? undefined : 'is not the name of a time zone of the IANA database';

function collectionsOf(deps: StandingDeps) {
  const patients: Collection<Patient> = {
    ...{ what: 'patient', records: deps.patients.records, idOf: ({ patient_id }) => patient_id },
    faultsIn: ({ name, contact }) => ({
      name: faultInName(name),
      'contact.phone': contact?.phone ? faultInPhone(contact.phone) : undefined,
    }),
  };
  const hospitals: Collection<Hospital> = {
    ...{ what: 'hospital', records: deps.hospitals.records, idOf: ({ hospital_id }) => hospital_id },
    faultsIn: ({ name, time_zone }) => ({ name: faultInName(name), time_zone: faultInZone(time_zone) }),
  };
  const departments: Collection<Department> = {
    ...{ what: 'department', records: deps.departments.records, idOf: ({ department_id }) => department_id },
    faultsIn: ({ department_name }) => ({ department_name: faultInName(department_name) }),
  };
  const doctors: Collection<Doctor> = {
    ...{ what: 'doctor', records: deps.doctors.records, idOf: ({ doctor_id }) => doctor_id },
    faultsIn: ({ name }) => ({ name: faultInName(name) }),
  };
  return [patients, hospitals, departments, doctors] as readonly Collection<unknown>[];
}

const detailOf = (faults: Faults): string | undefined => {
  const told = Object.entries(faults).filter(([, fault]) => fault !== undefined);
  return told.length > 0 ? told.map(([field, fault]) => `${field} ${fault}`).join('; ') : undefined;
};

/** What was stored before there were rules for it: kept as it is, for nobody but people knows what was meant. */
export function standingDrift(deps: StandingDeps): DriftCheck {
  const collections = collectionsOf(deps);
  return {
    kind: 'not_accepted_today',
    title: 'names, telephone numbers and time zones that would be refused today',
    advice: 'They stay until somebody corrects them by PATCH of the record.',
    async *scan() {
      for (const { what, records, idOf, faultsIn } of collections)
        for (let after = ''; ;) {
          const page = await records.listAfter(after, pageSize);
          if (page.length === 0) break;
          after = idOf(page.at(-1));
          const suspects = page
            .filter((record) => detailOf(faultsIn(record)) !== undefined)
            .map((record) => `${what} ${idOf(record)}`);
          yield { compared: page.length, suspects };
        }
    },
    async recheck(ids) {
      const found = await Promise.all(
        collections.map(async ({ what, records, idOf, faultsIn }) => {
          const own = ids.filter((id) => id.startsWith(`${what} `)).map((id) => id.slice(what.length + 1));
          const still = own.length > 0 ? await records.findMany(own) : [];
          return still.flatMap((record) => {
            const detail = detailOf(faultsIn(record));
            return detail === undefined ? [] : [{ id: `${what} ${idOf(record)}`, detail }];
          });
        }),
      );
      return found.flat();
    },
  };
}
