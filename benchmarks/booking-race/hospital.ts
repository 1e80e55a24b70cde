import pLimit from 'p-limit';
import { newDrillPatient, openDrillHospital, signedIn } from '../../scripts/drill-hospital.js';
import type { Parts } from '../../src/composition.js';
import { slotsOf } from '../../src/domains/network/doctors/index.js';

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

async function registerPatient(parts: Parts, index: number): Promise<string> {
  const name = `Racer ${index}`;
  const patient_id = await newDrillPatient(parts, name);
  const email = `racer-${index}@bench.example`;
  const password = `one of ${index} to race for a slot`;
  return signedIn(parts, { email, password, name, role: 'patient', patient_id });
}

/** A hospital with `patients` who have accounts, in the databases of `parts`. */
export async function openHospital(parts: Parts, patients: number): Promise<Hospital> {
  const { newDoctor } = await openDrillHospital(parts);
  // The same for all doctors, whenever they come: the nth slot of each is at the same time.
  const [from, to] = [1, daysAhead].map((days) => new Date(Date.now() + days * dayMs));
  const limit = pLimit(8);
  const tokens = await Promise.all(
    Array.from({ length: patients }, (_, index) => limit(() => registerPatient(parts, index))),
  );
  return {
    tokens,
    async newDoctor() {
      const doctor_id = await newDoctor();
      const { doctor, hours, zone } = await parts.doctors.duty(doctor_id);
      const slots = slotsOf(doctor, hours, zone, { from: from!, to: to! });
      return { doctor_id, slots: slots.map(({ date }) => date) };
    },
  };
}
