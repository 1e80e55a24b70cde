import type { Parts } from '../src/composition.js';
import type { Actor } from '../src/lib/actor.js';
import { money } from '../src/lib/money.js';

type NewDoctor = Parameters<Parts['doctors']['create']>[0];

/** Who acts when a drill asks the services themselves. */
export const drillAdmin: Actor = {
  user_id: 'drill',
  role: 'admin',
  session_id: 'drill',
  patient_id: null,
  doctor_id: null,
};

export interface DrillHospital {
  /** Makes one more doctor, free around the clock by default, and gives the id. */
  newDoctor(fields?: Partial<NewDoctor>): Promise<string>;
}

/** A hospital in UTC that is always open, so that no rule of booking stands in anybody's way. */
export async function openDrillHospital({ hospitals, departments, doctors }: Parts): Promise<DrillHospital> {
  const place = { address: null, location: null, time_zone: 'UTC' };
  const { hospital_id } = await hospitals.create({ name: 'Drill Hospital', region: 'Drill', ...place });
  const hours = { operating_start_hour: '00:00', operating_end_hour: '23:59' };
  const { department_id } = await departments.create({ hospital_id, department_name: 'Drill', ...hours });
  let count = 0;
  return {
    async newDoctor(fields = {}) {
      count += 1;
      const { doctor_id } = await doctors.create({
        name: `Doctor ${count}`,
        specialty: 'Drill',
        department_id,
        registration_number: `drill-${count}`,
        registration_expiry: new Date('2100-01-01'),
        consultation_fee: money('50.00'),
        availability: [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, start: '00:00', end: '23:55' })),
        slot_minutes: 15,
        slot_capacity: 1,
        leave_days: [],
        accepting: true,
        ...fields,
      });
      return doctor_id;
    },
  };
}

/** Makes a patient and gives the id. */
export async function newDrillPatient({ patients }: Parts, name: string): Promise<string> {
  const { patient_id } = await patients.forActors.create(drillAdmin, {
    name,
    date_of_birth: new Date('1980-02-29'),
  });
  return patient_id;
}

/** Makes an account with a confirmed address and signs in to it; gives the access token. */
export async function signedIn(
  { accounts }: Parts,
  account: Parameters<Parts['accounts']['createAccount']>[0],
): Promise<string> {
  await accounts.createAccount(account);
  const origin = { id: null, address: null, user_agent: null };
  return (await accounts.forActors.login(null, account, origin)).access_token;
}
