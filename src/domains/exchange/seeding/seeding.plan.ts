import { createHash } from 'node:crypto';
import { DateTime } from 'luxon';
import type { SeedOptions } from './seeding.types.js';

/*
 * Who sees whom, and when, without anybody asking anybody: each patient can be made alone, in any order. A doctor's
 * slots are dealt out in lanes, one for each of their patients, so that no slot is ever given twice.
 */

const dayMs = 86_400_000;
const quarterMs = 900_000;
/** The clinics are open from 08:00 to 18:00 local time, in slots of 15 minutes. */
export const opening = { start: '08:00', end: '18:00', firstHour: 8, slots: 40 } as const;
/** Doctors of a hospital, three for each of its eight departments. */
export const doctorsPerHospital = 24;
const patientsPerHospital = 2400;
/** Booked days after the end of the history. */
const bookedDays = 14;
/** In a smaller network a patient has as many slots to choose from as in a big one: about 100 a year. */
const fewestLanes = 401;
/** From a patient's number to the doctors they see, most seen first; all of different departments. */
const steps = [0, 1, 5, 10] as const;

export interface SeedPlan {
  readonly options: SeedOptions;
  /** Begins every id; other options have another one, so that two seeds never mix. */
  readonly prefix: string;
  readonly hospitals: number;
  /** Midnight UTC of the first day of the history. */
  readonly start: Date;
  /** Slots of one doctor, of all working days. */
  readonly slots: number;
  readonly lanes: number;
  /** From one lane that is dealt to the next. */
  readonly laneStep: number;
  /** When a slot begins, in a hospital of this zone. */
  timeOf(slot: number, zone: string): Date;
}

/** One of a patient's doctors, by number, and which of the doctor's slots are this patient's. */
interface Lane {
  readonly doctor: number;
  readonly slots: readonly number[];
}

/** Lanes that are dealt one after the other lie far apart, so that the visits of a small network are not all of a few days. */
function laneStepOf(lanes: number): number {
  let step = Math.round(lanes * 0.618);
  while (greatestDivisor(step, lanes) > 1) step++;
  return step;
}

const greatestDivisor = (a: number, b: number): number => (b === 0 ? a : greatestDivisor(b, a % b));

/** Weekdays from `start` on, midnight UTC, in milliseconds. */
function workingDays(start: Date, end: Date): number[] {
  const days: number[] = [];
  for (let day = start.getTime(); day < end.getTime(); day += dayMs) {
    const weekday = new Date(day).getUTCDay();
    if (weekday !== 0 && weekday !== 6) days.push(day);
  }
  return days;
}

/** How far the zone's clocks are ahead of UTC on a day, in milliseconds; asked of luxon once a day. */
function createOffsets(days: readonly number[]): (zone: string, day: number) => number {
  const zones = new Map<string, number[]>();
  return (zone, day) => {
    if (!zones.has(zone)) {
      const offsets = days.map((at) => DateTime.fromMillis(at + dayMs / 2, { zone }).offset * 60_000);
      zones.set(zone, offsets);
    }
    return zones.get(zone)![day]!;
  };
}

export function createPlan(options: SeedOptions): SeedPlan {
  const { patients, years, until } = options;
  const start = new Date(until);
  start.setUTCFullYear(start.getUTCFullYear() - years);
  const days = workingDays(start, new Date(until.getTime() + bookedDays * dayMs));
  const offsetOf = createOffsets(days);
  const hospitals = Math.max(2, Math.round(patients / patientsPerHospital));
  const blocks = Math.ceil(Math.ceil(patients / hospitals) / doctorsPerHospital);
  let lanes = Math.max(fewestLanes, steps.length * blocks);
  // Coprime with the slots of a day: each lane comes by all times of the day.
  while (lanes % 2 === 0 || lanes % 5 === 0) lanes++;
  return {
    options,
    prefix: `S${createHash('sha256').update(JSON.stringify(options)).digest('hex').slice(0, 8)}`,
    hospitals,
    start,
    slots: days.length * opening.slots,
    lanes,
    laneStep: laneStepOf(lanes),
    timeOf(slot, zone) {
      const day = Math.floor(slot / opening.slots);
      const local = days[day]! + opening.firstHour * 3_600_000 + (slot % opening.slots) * quarterMs;
      return new Date(local - offsetOf(zone, day));
    },
  };
}

/** The patient's doctors, with the slots that are kept for this patient alone. */
export function lanesOf(plan: SeedPlan, patient: number): Lane[] {
  const { hospitals, slots, lanes, laneStep, options } = plan;
  const hospital = patient % hospitals;
  const place = Math.floor(patient / hospitals);
  const blocks = Math.ceil(Math.ceil(options.patients / hospitals) / doctorsPerHospital);
  return steps.map((step, role) => {
    const lane = ((role * blocks + Math.floor(place / doctorsPerHospital)) * laneStep) % lanes;
    const doctor = hospital * doctorsPerHospital + ((place + step) % doctorsPerHospital);
    const own = Array.from({ length: Math.ceil((slots - lane) / lanes) }, (_, k) => lane + k * lanes);
    return { doctor, slots: own };
  });
}
