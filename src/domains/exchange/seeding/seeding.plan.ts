import { createHash } from 'node:crypto';
import { DateTime } from 'luxon';
import { utcDay } from '../../../lib/period.js';
import {
  busyClinic,
  busyDoctors,
  deal,
  regularOf,
  slotsOf,
  wholeDays,
  type Clinic,
} from './seeding.clinics.js';
import type { SeedOptions } from './seeding.types.js';

/*
 * Who sees whom, and when, without anybody asking anybody: each patient can be made alone, in any order. A doctor's
 * slots are dealt out in lanes, one for each of their patients, so that no slot is ever given twice.
 */

const dayMs = 86_400_000;
const patientsPerHospital = 2400;
/** Booked days after the end of the history. */
const bookedDays = 14;
/** In a smaller network a patient has as many slots to choose from as in a big one: about 100 a year. */
const fewestLanes = 401;
/** From a patient's number to the doctors they see, most seen first; all of different departments. */
const steps = [0, 1, 5, 10] as const;
/** How much of a patient's visits go to each of them. */
export const roleWeights = [0.5, 0.25, 0.15, 0.1] as const;

export interface SeedPlan {
  readonly options: SeedOptions;
  /** Begins every id; other options have another one, so that two seeds never mix. */
  readonly prefix: string;
  readonly hospitals: number;
  readonly doctorsPerHospital: number;
  /** Midnight UTC of the first day of the history. */
  readonly start: Date;
  clinicOf(doctor: number): Clinic;
  /** The patient's doctors, with the slots that are kept for this patient alone; all of them are visits when it is busy. */
  lanesOf(patient: number): Lane[];
  /** When a slot begins, in a hospital of this zone. */
  timeOf(slot: number, zone: string): Date;
}

/** One of a patient's doctors, by number, and which of the doctor's slots are this patient's. */
interface Lane {
  readonly doctor: number;
  /** Milliseconds on the hospital's clock, as if it were UTC. */
  readonly slots: readonly number[];
}

/** Lanes that are dealt one after the other lie far apart, so that the visits of a small network are not all of a few days. */
function laneStepOf(lanes: number): number {
  let step = Math.round(lanes * 0.618);
  while (greatestDivisor(step, lanes) > 1) step++;
  return step;
}

const greatestDivisor = (a: number, b: number): number => (b === 0 ? a : greatestDivisor(b, a % b));

/** How far the zone's clocks are ahead of UTC at noon of a day, in milliseconds; asked of luxon once a day. */
function createOffsets(): (zone: string, day: number) => number {
  const zones = new Map<string, Map<number, number>>();
  return (zone, day) => {
    const known = zones.get(zone) ?? new Map<number, number>();
    zones.set(zone, known);
    const offset = known.get(day) ?? DateTime.fromMillis(day * dayMs + dayMs / 2, { zone }).offset * 60_000;
    known.set(day, offset);
    return offset;
  };
}

/** Where a patient belongs: the hospital, the number among its patients, and their doctors. */
interface Place {
  readonly place: number;
  readonly doctors: readonly number[];
}

type Network = Pick<SeedPlan, 'options' | 'hospitals' | 'doctorsPerHospital'>;

function placeOf({ hospitals, doctorsPerHospital }: Network, patient: number): Place {
  const first = (patient % hospitals) * doctorsPerHospital;
  const place = Math.floor(patient / hospitals);
  return { place, doctors: steps.map((step) => first + ((place + step) % doctorsPerHospital)) };
}

/** Any number of patients: each has a lane of each of their doctors. */
function laneDealer(network: Network, slots: readonly number[]): SeedPlan['lanesOf'] {
  const { options, hospitals, doctorsPerHospital } = network;
  const blocks = Math.ceil(Math.ceil(options.patients / hospitals) / doctorsPerHospital);
  let lanes = Math.max(fewestLanes, steps.length * blocks);
  // Coprime with the slots of a day: each lane comes by all times of the day.
  while (lanes % 2 === 0 || lanes % 5 === 0) lanes++;
  const laneStep = laneStepOf(lanes);
  return (patient) => {
    const { place, doctors } = placeOf(network, patient);
    return doctors.map((doctor, role) => {
      const lane = ((role * blocks + Math.floor(place / doctorsPerHospital)) * laneStep) % lanes;
      const count = Math.ceil((slots.length - lane) / lanes);
      return { doctor, slots: Array.from({ length: count }, (_, k) => slots[lane + k * lanes]!) };
    });
  };
}

/** A busy network is a small one: who has which slot is worked out for all patients of a doctor at once. */
function busyDealer(network: Network, days: { start: Date; end: Date }): SeedPlan['lanesOf'] {
  const { options } = network;
  const [from, to] = [days.start, options.until];
  const dealt = new Map<number, ReturnType<typeof deal>>();
  const patientsOf = (doctor: number) =>
    Array.from({ length: options.patients }, (_, patient) => {
      const role = placeOf(network, patient).doctors.indexOf(doctor);
      return role < 0 ? [] : regularOf(options, patient, { from, to, share: roleWeights[role]! });
    }).flat();
  function dealtOf(doctor: number): ReturnType<typeof deal> {
    const known = dealt.get(doctor);
    if (known) return known;
    const slots = slotsOf(busyClinic(doctor), days.start, days.end);
    const now = deal(options, doctor, slots, patientsOf(doctor));
    dealt.set(doctor, now);
    return now;
  }
  return (patient) =>
    placeOf(network, patient).doctors.map((doctor) => ({
      doctor,
      slots: dealtOf(doctor).get(patient) ?? [],
    }));
}

export function createPlan(options: SeedOptions): SeedPlan {
  const { patients, years, until, busy = false } = options;
  const start = utcDay(until);
  start.setUTCFullYear(start.getUTCFullYear() - years);
  const end = new Date(until.getTime() + bookedDays * dayMs);
  const offsetOf = createOffsets();
  const network = {
    options,
    hospitals: Math.max(2, Math.round(patients / patientsPerHospital)),
    doctorsPerHospital: busy ? busyDoctors : 24,
  };
  return {
    ...network,
    prefix: `S${createHash('sha256').update(JSON.stringify(options)).digest('hex').slice(0, 8)}`,
    start,
    clinicOf: busy ? busyClinic : () => wholeDays,
    lanesOf: busy ? busyDealer(network, { start, end }) : laneDealer(network, slotsOf(wholeDays, start, end)),
    timeOf: (slot, zone) => new Date(slot - offsetOf(zone, Math.floor(slot / dayMs))),
  };
}
