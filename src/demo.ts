import { ConfigError } from './config.js';
import type { Role } from './lib/actor.js';
import type { System } from './system.js';

export interface DemoAccount {
  readonly role: Role;
  readonly email: string;
  readonly password: string;
}

const wanted: readonly Role[] = [
  'manager',
  'admin',
  'receptionist',
  'doctor',
  'patient',
  'pharmacist',
  'vendor',
  'customer',
];

/** Known to everybody who can read this: `SEED_DEMO=true` is refused in production. */
const password = 'Demo-Hospital-2026';

/** The account of a role, the same in each clone. */
export const demoAccount = (role: Role): DemoAccount => ({ role, email: `${role}@demo.example`, password });

/**
 * For a system that others can reach, and one in production: it may be started on the data of a demo. Throws `ConfigError` while one
 * of its accounts has the known password.
 */
export async function refuseDemoAccounts({ parts }: System): Promise<void> {
  for (const { email } of wanted.map(demoAccount))
    if (await parts.accounts.isOpenTo(email, password))
      throw new ConfigError([
        `DATA_DIR (or the servers of MONGODB_URI) holds the demo account ${email}, whose password is known: take other data, or ` +
          'leave HOST out (not in production) and come in by a tunnel (ssh -L)',
      ]);
}

/**
 * Loads the demo records into an empty system and makes one account for each role; the doctor and the patient are the
 * ones with the most appointments. Idempotent: a second start finds all of it and is quick, and one that was stopped
 * goes on. Throws the signal's reason when it is stopped.
 */
export async function prepareDemo(
  system: System,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<DemoAccount[]> {
  const { accounts, seeding, appointments, doctors } = system.parts;
  await seeding.loadDemo(say, signal);
  const doctor_id = (await appointments.busiest('doctor_id'))!;
  const links: { [R in Role]?: { doctor_id?: string; patient_id?: string; hospital_id?: string } } = {
    doctor: { doctor_id },
    receptionist: { hospital_id: (await doctors.find(doctor_id))!.hospital_id },
    patient: { patient_id: (await appointments.busiest('patient_id'))! },
  };
  for (const role of wanted) {
    signal.throwIfAborted();
    await accounts.createAccount({ ...demoAccount(role), name: `Demo ${role}`, ...links[role] });
  }
  return wanted.map(demoAccount);
}
