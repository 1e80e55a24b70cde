import type { Connection } from 'mongoose';
import type { AnyRoute } from '../../http/route.js';
import { createAppointmentRepository } from './appointments.repository.js';
import { appointmentRoutes } from './appointments.routes.js';
import {
  createAppointmentsService,
  type AppointmentsDeps,
  type AppointmentsService,
} from './appointments.service.js';

export { appointmentCancelled, appointmentCompleted, notBooked } from './appointments.types.js';
export type {
  Appointment,
  AppointmentCancelled,
  AppointmentCompleted,
  AppointmentStatus,
  CancellationReason,
  FreedSlot,
  Hold,
  ImportedAppointment,
  PaymentMark,
} from './appointments.types.js';
export type { AppointmentsService } from './appointments.service.js';

export function createAppointments(
  deps: Omit<AppointmentsDeps, 'appointments'> & { connection: Connection },
): { service: AppointmentsService; routes: readonly AnyRoute[] } {
  const service = createAppointmentsService({
    ...deps,
    appointments: createAppointmentRepository(deps.connection),
  });
  return { service, routes: appointmentRoutes(service) };
}
