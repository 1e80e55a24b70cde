import { monthlyAppointmentsTrend } from '../../aggregations/monthly-appointments-trend.js';
import { topDoctors } from '../../aggregations/top-doctors.js';

/** What every server is asked, and on how many connections. */
export const questions = {
  patient: { title: 'GET one patient', connections: [32] },
  list: { title: 'GET 20 appointments of a doctor in 3 months', connections: [32] },
  book: { title: 'POST an appointment, w: majority', connections: [32] },
  'top-doctors': { title: 'report: the top five doctors of a year', connections: [1, 32] },
  monthly: { title: 'report: completed and cancelled by month of a year', connections: [1, 32] },
} as const satisfies Record<string, { readonly title: string; readonly connections: readonly number[] }>;

export type Question = keyof typeof questions;
export type Report = Extract<Question, 'top-doctors' | 'monthly'>;

/** The last whole year of the records. */
export const year = { from: '2025-01-01', to: '2026-01-01' } as const;

const period = { from: new Date(year.from), to: new Date(year.to) };

/** What our reports mean: the peers run the very same pipelines. */
export const pipelines = {
  'top-doctors': topDoctors({ ...period, by: 'patients', status: 'completed', limit: 5 }),
  monthly: monthlyAppointmentsTrend({ ...period, timeZone: 'UTC' }),
} as const satisfies Record<Report, unknown>;

export interface ListWish {
  readonly doctor_id: string;
  /** ISO 8601 */
  readonly from: string;
  readonly to: string;
}

export interface BookingWish {
  /** Of the patients who book, from 0. */
  readonly patient: number;
  readonly doctor_id: string;
  readonly date: Date;
}

/** What is asked for, in turns; the same of every server. */
export interface Sample {
  readonly patients: readonly string[];
  readonly lists: readonly ListWish[];
  /** One who asks for bookings: a slot after the other, none twice. */
  bookings(): () => BookingWish;
}

export const inTurns =
  <T>(values: readonly T[]) =>
  (n: number): T =>
    values[n % values.length]!;
