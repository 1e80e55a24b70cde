import type { Role } from './lib/actor.js';
import type { System } from './system.js';

export interface DemoAccount {
  readonly role: Role;
  readonly email: string;
  readonly password: string;
}

const wanted: readonly Role[] = ['manager', 'admin', 'doctor', 'patient', 'pharmacist', 'vendor', 'customer'];

/** Known to everybody who can read this: `SEED_DEMO=true` is refused in production. */
const password = 'Demo-Hospital-2026';

/** The account of a role, the same in each clone. */
export const demoAccount = (role: Role): DemoAccount => ({ role, email: `${role}@demo.example`, password });

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
  const { accounts, imports, appointments } = system.parts;
  await imports.loadDemo(say, signal);
  const links: { [R in Role]?: { doctor_id?: string; patient_id?: string } } = {
    doctor: { doctor_id: (await appointments.busiest('doctor_id'))! },
    patient: { patient_id: (await appointments.busiest('patient_id'))! },
  };
  for (const role of wanted) {
    signal.throwIfAborted();
    await accounts.createAccount({ ...demoAccount(role), name: `Demo ${role}`, ...links[role] });
  }
  return wanted.map(demoAccount);
}
