import { periodic } from '../../lib/periodic.js';
import type { MongoTransaction } from '../../lib/transaction.js';
import type { IdentityServices } from '../identity/index.js';
import type { Common, Module } from '../module.js';
import type { NetworkServices } from '../network/index.js';
import { createAppointments, type AppointmentsService } from './appointments/index.js';
import { createDuplicates, type DuplicatesService } from './duplicates/index.js';
import { createEmergencyAccess, type EmergencyAccessService } from './emergency-access/index.js';
import { createMerges, type MergesService } from './merges/index.js';
import { createPatients, type PatientsService } from './patients/index.js';
import type { ClinicalPorts } from './ports.js';
import { createPrescriptions, type PrescriptionsService } from './prescriptions/index.js';
import { createTimeline, type TimelineService } from './timeline/index.js';
import { createWaitingList, type WaitingListService } from './waiting-list/index.js';

export interface ClinicalServices {
  readonly patients: PatientsService;
  readonly appointments: AppointmentsService;
  readonly prescriptions: PrescriptionsService;
  readonly waitingList: WaitingListService;
  readonly merges: MergesService;
  readonly duplicates: DuplicatesService;
  readonly timeline: TimelineService;
  readonly emergencyAccess: EmergencyAccessService;
  /** Whether visits or prescriptions are kept that name this doctor or patient, who may be gone. */
  hasRecordsOf(
    who: { readonly doctor_id: string } | { readonly patient_id: string },
    tx: MongoTransaction,
  ): Promise<boolean>;
}

/** Patients and what is done for them. */
export function composeClinical(
  common: Common,
  { accounts, audit, hospitals, departments, doctors }: IdentityServices & NetworkServices,
  ports: ClinicalPorts,
): Module<ClinicalServices> {
  const { config, outboxes } = common;
  const hasRecordsOf: ClinicalServices['hasRecordsOf'] = async (who, tx) =>
    (await appointments.service.hasAnyOf(who, tx)) || (await prescriptions.service.hasAnyOf(who, tx));
  const emergencyAccess = createEmergencyAccess({ ...common, audit });
  const countUnpaidBilling = async (id: string, tx: MongoTransaction): Promise<number> =>
    (await outboxes.mongodb.countWaiting(id, tx)) + (await ports.countUnsettled(id));
  const patients = createPatients({
    ...{ ...common, audit, departments, emergencyAccess: emergencyAccess.service },
    departmentOfDoctor: async (id) => (await doctors.find(id))?.department_id ?? null,
    timeZone: config.hospitalTimeZone,
    phoneRegion: config.phoneRegion,
    countOpenAppointments: (id, tx) => appointments.service.countOpenForPatient(id, tx),
    async callOff(patient_id, death, tx) {
      // First, or what is given back would be offered to the dead.
      await waitingList.service.leaveAll(patient_id, tx);
      await appointments.service.callOff(patient_id, death, tx);
    },
    calledOff: () => appointments.service.calledOff(),
    forgetDuplicates: (id, tx) => duplicates.service.forget(id, tx),
    closeAccount: accounts.close,
    accountClosed: accounts.closed,
    hadRecords: async (patient_id, tx) =>
      (await hasRecordsOf({ patient_id }, tx)) || (await ports.knowsPatient(patient_id)),
    countUnpaidBilling,
  });
  const appointments = createAppointments({
    ...{ ...common, ...ports, audit, hospitals, doctors },
    ...{ patients: patients.service, outbox: outboxes.mongodb },
    ...{ bookingDays: config.bookingDays, holdMinutes: config.holdMinutes, maxHolds: config.maxHolds },
    ...{ maxBookings: config.maxBookings, refundPolicy: config.refundPolicy },
    countPrescriptions: (id, tx) => prescriptions.service.countOfAppointment(id, tx),
    offerFreed: async (slot, tx) => {
      if (config.features.waiting_list) await waitingList.service.offer(slot, tx);
    },
    offerAnswered: (hold_id, answer, tx) => waitingList.service.answered(hold_id, answer, tx),
  });
  const prescriptions = createPrescriptions({
    ...{ ...common, audit, hospitals, doctors },
    patients: patients.service,
    appointments: appointments.service,
  });
  const { freeSlots, holdFor, releaseHold, isBooked, isBusy, sweepHolds, consumePayment } =
    appointments.service;
  const waitingList = createWaitingList({
    ...{ ...common, ...ports, audit, hospitals, doctors, freeSlots, holdFor, releaseHold },
    ...{ isBooked, isBusy },
    patients: patients.service,
    bookingDays: config.bookingDays,
    offerMinutes: config.offerMinutes,
  });
  const duplicates = createDuplicates({
    ...{ ...common, audit, patients: patients.service, phoneRegion: config.phoneRegion },
  });
  const merges = createMerges({
    ...{ ...common, audit, patients: patients.service, outbox: outboxes.mongodb, countUnpaidBilling },
    async keepRecent(patient_id, tx) {
      await appointments.service.keepRecent(patient_id, tx);
      await prescriptions.service.keepRecent(patient_id, tx);
    },
    bookedMerge: ports.bookedMerge,
    forgetActors: accounts.closed,
  });
  const timeline = createTimeline({
    ...{ connection: common.connection, moneyEvents: ports.moneyEvents },
    readable: (...of) => patients.service.forActors.get(...of),
  });
  return {
    services: {
      patients: patients.service,
      appointments: appointments.service,
      prescriptions: prescriptions.service,
      waitingList: waitingList.service,
      merges: merges.service,
      duplicates: duplicates.service,
      timeline: timeline.service,
      emergencyAccess: emergencyAccess.service,
      hasRecordsOf,
    },
    routes: [
      patients,
      timeline,
      duplicates,
      merges,
      emergencyAccess,
      appointments,
      prescriptions,
      waitingList,
    ].flatMap(({ routes }) => routes),
    workers: [
      ...(config.features.waiting_list
        ? [periodic('waiting list', 10_000, () => waitingList.service.sweep(), common.logger)]
        : []),
      periodic('duplicates', 10_000, () => duplicates.service.sweep(), common.logger),
      periodic('holds', 10_000, () => sweepHolds(), common.logger),
    ],
    consumers: { 'payment.changed': consumePayment },
  };
}
