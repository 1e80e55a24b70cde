import { fromCents } from '../../../lib/money.js';
import type { Department } from '../../network/departments/departments.types.js';
import type { Doctor } from '../../network/doctors/doctors.types.js';
import type { Hospital } from '../../network/hospitals/hospitals.types.js';
import { specialties, type Specialty } from './seeding.diseases.js';
import { names } from './seeding.names.js';
import { opening } from './seeding.clinics.js';
import type { SeedPlan } from './seeding.plan.js';
import { createRandom, type Random } from './seeding.random.js';
import { cities } from './seeding.regions.js';

/** A doctor, with what the making of appointments needs to know. */
export interface SeededDoctor {
  readonly doctor: Doctor;
  readonly specialty: Specialty;
  readonly hospital: Hospital;
  readonly city: string;
}

/** Hospitals, departments and doctors; `doctors` is in the order of their numbers. */
export interface SeededNetwork {
  readonly hospitals: readonly Hospital[];
  readonly departments: readonly Department[];
  readonly doctors: readonly SeededDoctor[];
}

export function nameOf(random: Random, sex: 'female' | 'male'): string {
  const culture = random.pick(names);
  return `${random.pick(culture[sex])} ${random.pick(culture.family)}`;
}

function createHospital({ prefix, options, start }: SeedPlan, number: number): Hospital & { city: string } {
  const random = createRandom(`${options.seed} hospital ${number}`);
  const { city, region, time_zone, latitude, longitude } = cities[number % cities.length]!;
  const nearby = (degrees: number): number => Number((degrees + (random.next() - 0.5) / 5).toFixed(5));
  return {
    hospital_id: `${prefix}-H${number}`,
    name: `${city} ${random.pick(['General', 'University', 'Memorial', 'Community'])} Hospital ${number + 1}`,
    region,
    address: `${random.between(1, 400)} Hospital Road, ${city}, ${region}`,
    location: { latitude: nearby(latitude), longitude: nearby(longitude) },
    time_zone,
    version: 1,
    created_at: start,
    updated_at: start,
    city,
  };
}

function createDoctor(
  { prefix, options, start, clinicOf }: SeedPlan,
  number: number,
  place: Pick<Doctor, 'department_id' | 'hospital_id'>,
  { name: specialty, fee }: Specialty,
): Doctor {
  const random = createRandom(`${options.seed} doctor ${number}`);
  const { windows, slot_minutes } = clinicOf(number);
  const expiry = options.until.getUTCFullYear() + random.between(2, 9);
  return {
    doctor_id: `${prefix}-D${number}`,
    name: `Dr ${nameOf(random, random.pick(['female', 'male']))}`,
    specialty,
    ...place,
    registration_number: `${prefix}-REG-${number}`,
    registration_expiry: new Date(Date.UTC(expiry, random.between(0, 11), 1)),
    consultation_fee: fromCents(BigInt(fee + 500 * random.between(-5, 8))),
    availability: windows.map((window) => ({ ...window })),
    slot_minutes,
    slot_capacity: 1,
    leave_days: [],
    accepting: random.chance(0.9),
    user_id: null,
    version: 1,
    created_at: start,
    updated_at: start,
  };
}

export function generateNetwork(plan: SeedPlan): SeededNetwork {
  const { prefix, start } = plan;
  const hospitals: Hospital[] = [];
  const departments: Department[] = [];
  const doctors: SeededDoctor[] = [];
  for (let number = 0; number < plan.hospitals; number++) {
    const { city, ...hospital } = createHospital(plan, number);
    const { hospital_id } = hospital;
    hospitals.push(hospital);
    const own = specialties.map((specialty, index) => ({
      department_id: `${prefix}-DEP${number}-${index}`,
      hospital_id,
      department_name: specialty.name,
      operating_start_hour: opening.start,
      operating_end_hour: opening.end,
      created_date: start,
      last_update: start,
      version: 1,
    }));
    departments.push(...own);
    for (let index = 0; index < plan.doctorsPerHospital; index++) {
      const specialty = specialties[index % specialties.length]!;
      const { department_id } = own[index % specialties.length]!;
      const doctor = createDoctor(plan, doctors.length, { department_id, hospital_id }, specialty);
      doctors.push({ doctor, specialty, hospital, city });
    }
  }
  return { hospitals, departments, doctors };
}
