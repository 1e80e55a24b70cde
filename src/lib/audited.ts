import { invalidField } from './errors.js';

/** What a request does with a patient's record. A name that was once written is never renamed: the trail is read for years. */
export const recordActions = [
  'patient.list',
  'patient.read',
  'patient.create',
  'patient.update',
  'patient.delete',
  'patient.accesses',
  'patient.timeline',
  'patient.merge',
  'patient.unmerge',
  'merge.list',
  'merge.read',
  'duplicate.list',
  'duplicate.dismiss',
  'emergency_access.list',
  'emergency_access.read',
  'emergency_access.review',
  'appointment.list',
  'appointment.read',
  'appointment.book',
  'appointment.reschedule',
  'appointment.update',
  'appointment.delete',
  'hold.take',
  'hold.release',
  'waiting.list',
  'waiting.join',
  'waiting.leave',
  'prescription.list',
  'prescription.read',
  'prescription.versions',
  'prescription.create',
  'prescription.update',
  'prescription.delete',
  'billing.list',
  'billing.read',
  'billing.balance',
  'payment.list',
  'payment.read',
  'payment.pay',
  'payment.confirm',
  'payment.refund',
  'payment.void',
  'payment.paper',
  'refund.list',
  'refund.approve',
  'refund.reject',
  'report.records',
  'report.file',
  'audit.list',
] as const;
export type RecordAction = (typeof recordActions)[number];

/** Why somebody looks, of HL7 v3's PurposeOfUse: https://terminology.hl7.org/ValueSet-v3-PurposeOfUse.html. */
export const purposes = {
  TREAT: 'Treatment',
  ETREAT: 'Emergency treatment',
  BTG: 'Break the glass',
  CAREMGT: 'Care management',
  PATRQT: 'At the patient’s request',
  FAMRQT: 'At the family’s request',
  HPAYMT: 'Payment',
  HOPERAT: 'Running the hospital',
  PATADMIN: 'Patient administration',
  PATSFTY: 'Patient safety',
  HQUALIMP: 'Quality improvement',
  HCOMPL: 'Compliance',
  HLEGAL: 'Legal matters',
  HSYSADMIN: 'System administration',
  PUBHLTH: 'Public health',
  HRESCH: 'Research',
} as const;
export type Purpose = keyof typeof purposes;

/** Reads the header; '' is not stated. Throws `invalid_request`. */
export function purposeOf(header: string): Purpose | null {
  if (header === '') return null;
  if (Object.hasOwn(purposes, header)) return header as Purpose;
  throw invalidField('/header/Purpose-Of-Use', `must be one of ${Object.keys(purposes).join(', ')}`);
}

/** A request that touches a patient's record: what the trail says of it beside who, whose and how it ended. */
export interface Deed {
  readonly action: RecordAction;
  /** The id in the address. */
  readonly subject: string | null;
  readonly purpose: Purpose | null;
  readonly address: string;
  readonly request_id: string;
  /** Its entry is written, in the transaction of what was done. */
  isEntered: boolean;
}

/** What says whose it is. */
interface OfPatient {
  readonly patient_id: string | null;
}

/** Whose the one record of an answer is. */
export const ofOne = ({ patient_id }: OfPatient): string[] => (patient_id === null ? [] : [patient_id]);

/** Whose the records of a page are, each once. */
export const ofEach = ({ items }: { readonly items: readonly OfPatient[] }): string[] => [
  ...new Set(items.flatMap(ofOne)),
];

/** Only the service knows whose it is, and writes the entry in the transaction of what it does. */
export const asTheServiceSays = (): string[] => [];
