import type { Connection } from 'mongoose';
import type { AnyRoute } from '../../../http/route.js';
import { createDoctorRepository } from './doctors.repository.js';
import { doctorRoutes } from './doctors.routes.js';
import { createDoctorsService, type DoctorsDeps, type DoctorsService } from './doctors.service.js';

export { grainMs, grainsOf, slotAt, slotsOf } from './doctors.slots.js';
export { isOnLeave, localTime, withinDays } from './doctors.availability.js';
export { minutesWithin, type Presence } from './doctors.minutes.js';
export type { Slot } from './doctors.slots.js';
export type { Doctor, DoctorName } from './doctors.types.js';
export type { DoctorsService, Duty } from './doctors.service.js';

export function createDoctors(deps: Omit<DoctorsDeps, 'doctors'> & { connection: Connection }): {
  service: DoctorsService;
  routes: readonly AnyRoute[];
} {
  const service = createDoctorsService({ ...deps, doctors: createDoctorRepository(deps.connection) });
  return { service, routes: doctorRoutes(service) };
}
