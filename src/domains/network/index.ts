import type { IdentityServices } from '../identity/index.js';
import type { Common, Module } from '../module.js';
import { createDepartments, type DepartmentsService } from './departments/index.js';
import { createDoctors, type DoctorsService } from './doctors/index.js';
import { createHospitals, type HospitalsService } from './hospitals/index.js';
import type { NetworkPorts } from './ports.js';

export interface NetworkServices {
  readonly hospitals: HospitalsService;
  readonly departments: DepartmentsService;
  readonly doctors: DoctorsService;
}

/** The hospitals, their departments, and who works there. */
export function composeNetwork(
  common: Common,
  { accounts }: IdentityServices,
  ports: NetworkPorts,
): Module<NetworkServices> {
  // Where two domains need one another, the earlier one is given a function that asks the later one.
  const hospitals = createHospitals({
    ...common,
    timeZone: common.config.hospitalTimeZone,
    defaultHospitalId: common.config.defaultHospitalId,
    countDepartments: (id, tx) => departments.service.countOfHospital(id, tx),
  });
  const departments = createDepartments({
    ...common,
    hospitals: hospitals.service,
    countDoctors: (id, tx) => doctors.service.countInDepartment(id, tx),
    countPatients: ports.countPatientsInDepartment,
  });
  const doctors = createDoctors({
    ...common,
    hospitals: hospitals.service,
    departments: departments.service,
    countOpenAppointments: ports.countOpenAppointments,
    scheduledVisits: ports.scheduledVisits,
    hadRecords: ports.hadRecords,
    closeAccount: accounts.close,
    accountClosed: accounts.closed,
  });
  return {
    services: {
      hospitals: hospitals.service,
      departments: departments.service,
      doctors: doctors.service,
    },
    routes: [hospitals, departments, doctors].flatMap(({ routes }) => routes),
    workers: [],
    consumers: {},
  };
}
