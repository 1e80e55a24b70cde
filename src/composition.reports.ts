import type { Config } from './config.js';
import type { Surroundings } from './composition.js';
import type { DepartmentsService } from './domains/departments/index.js';
import type { DoctorsService } from './domains/doctors/index.js';
import type { HospitalsService } from './domains/hospitals/index.js';
import { createReports } from './domains/reports/index.js';
import type { Clock } from './lib/clock.js';

export interface ReportParts extends Pick<Surroundings['stores'], 'connection' | 'knex'> {
  readonly config: Config;
  readonly clock: Clock;
  readonly hospitals: HospitalsService;
  readonly departments: DepartmentsService;
  readonly doctors: DoctorsService;
}

/** The part of `compose` that wires the reports, and what keeps their figures. */
export function composeReports({
  connection,
  knex,
  config,
  clock,
  hospitals,
  departments,
  doctors,
}: ReportParts) {
  return createReports({
    ...{ connection, knex, clock },
    timeZone: config.reportTimeZone,
    episodeGapDays: config.episodeGapDays,
    hospitalIdsOf: hospitals.idsOf,
    exists: {
      hospital_id: async (id) => (await hospitals.find(id)) !== null,
      department_id: async (id) => (await departments.find(id)) !== null,
      doctor_id: async (id) => (await doctors.find(id)) !== null,
    },
  });
}
