import type { Connection } from 'mongoose';
import type { AnyRoute } from '../../../http/route.js';
import type { AppointmentsDeps } from './appointments.deps.js';
import { createAppointmentRepository } from './appointments.repository.js';
import { appointmentRoutes } from './appointments.routes.js';
import { createAppointmentsService, type AppointmentsService } from './appointments.service.js';
import { bookingRoutes } from './booking.routes.js';
import { createSlotClaimRepository } from './slot-claims.repository.js';
import { createVisitStateRepository } from './visit-states.repository.js';

export { noticeHours, refundPercent, type RefundPolicy } from './appointments.cancellation.js';
export { cancellationReasons, timeRefusals } from './appointments.types.js';
export type {
  Appointment,
  AppointmentStatus,
  CancellationReason,
  FreedSlot,
  FreeSlot,
  Hold,
  PaymentMark,
} from './appointments.types.js';
export { patientOf } from './appointments.policy.js';
export type { AppointmentsService } from './appointments.service.js';
export type { BookedSlot, VisitSet, VisitState } from './visit-states.repository.js';

export function createAppointments(
  deps: Omit<AppointmentsDeps, 'appointments' | 'claims' | 'states'> & { connection: Connection },
): { service: AppointmentsService; routes: readonly AnyRoute[] } {
  const service = createAppointmentsService({
    ...deps,
    appointments: createAppointmentRepository(deps.connection),
    claims: createSlotClaimRepository(deps.connection),
    states: createVisitStateRepository(deps.connection),
  });
  return { service, routes: [...bookingRoutes(service.forActors), ...appointmentRoutes(service.forActors)] };
}
