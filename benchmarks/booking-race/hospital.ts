import pLimit from 'p-limit';
import type { Parts } from '../../src/composition.js';
import { slotsOf } from '../../src/domains/doctors/index.js';
import { money } from '../../src/lib/money.js';

/** A doctor nobody has booked yet, and when the slots of the next weeks begin. */
export interface FreeDoctor {
  readonly doctor_id: string;
  readonly slots: readonly Date[];
}

export interface Hospital {
  /** Access tokens, one of each patient. */
  readonly tokens: readonly string[];
  newDoctor(): Promise<FreeDoctor>;
}

const dayMs = 86_400_000;
/** Within the thirty days that may be booked. */
const daysAhead = 28;

async function registerPatient({ accounts }: Parts, index: number): Promise<string> {
  const { access_token } = await accounts.register(
    {
      email: `racer-${index}@bench.example`,
      password: `one of ${index} to race for a slot`,
      name: `Racer ${index}`,
      role: 'patient',
      date_of_birth: new Date('1980-02-29'),
    },
    null,
    { id: null, address: null, user_agent: null },
  );
  return access_token;
}

/** A hospital with `patients` who have accounts, in the databases of `parts`. */
export async function openHospital(parts: Parts, patients: number): Promise<Hospital> {
  const { hospital_id } = await parts.hospitals.create({
    ...{ name: 'Race Hospital', region: 'Bench', address: null, location: null, time_zone: 'UTC' },
  });
  const { department_id } = await parts.departments.create({
    hospital_id,
    department_name: 'Races',
    operating_start_hour: '00:00',
    operating_end_hour: '23:59',
  });
  const limit = pLimit(8);
  const tokens = await Promise.all(
    Array.from({ length: patients }, (_, index) => limit(() => registerPatient(parts, index))),
  );
  let doctors = 0;
  return {
    tokens,
    async newDoctor() {
      const { doctor_id } = await parts.doctors.create({
        ...{ name: 'Doctor Wanted', specialty: 'Races', department_id },
        registration_number: `RACE-${++doctors}`,
        registration_expiry: new Date('2100-01-01'),
        consultation_fee: money('50.00'),
        availability: [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, start: '00:00', end: '23:55' })),
        slot_minutes: 15,
        slot_capacity: 1,
        leave_days: [],
        accepting: true,
      });
      const { doctor, hours, zone } = await parts.doctors.duty(doctor_id);
      const [from, to] = [1, daysAhead].map((days) => new Date(Date.now() + days * dayMs));
      const slots = slotsOf(doctor, hours, zone, { from: from!, to: to! });
      return { doctor_id, slots: slots.map(({ date }) => date) };
    },
  };
}
