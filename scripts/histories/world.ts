import type { Actor } from '../../src/lib/actor.js';
import { fromCents } from '../../src/lib/money.js';
import type { System } from '../../src/system.js';
import { openDrillHospital } from '../drill-hospital.js';
import type { Fees } from './model.js';
import type { Lead } from './steps.js';

/** Where histories take place: doctors who differ in what they take, free around the clock. */
export interface World {
  readonly system: System;
  readonly doctors: readonly (Fees & { readonly doctor_id: string })[];
  /** In cents: above it a refund waits for a second admin. */
  readonly limit: number;
}

export const actorOf = (user_id: string, patient_id: string | null = null): Actor => ({
  ...{ user_id, session_id: 'histories', patient_id, doctor_id: null },
  role: patient_id === null ? 'admin' : 'patient',
});

export const admins: readonly Actor[] = [actorOf('U-first'), actorOf('U-second')];

/** The settings that a world needs of its system. */
export const worldEnv = {
  GST_RATE: '18',
  GST_EXEMPT_SPECIALTIES: 'Exempt',
  REFUND_POLICY: '24:100,4:50',
  REFUND_APPROVAL_ABOVE: '100',
  // They are nobody's accounts.
  APPROVER_HOURS: '0',
} as const;

const limit = 100_00;
/** Cents; some come above the limit with their tax, and a cent has none. */
const fees = [100_00, 33_33, 250_05, 80_10, 1234_56, 99_99, 50_00, 1];

const priceOf = (fee: number, isExempt: boolean): Fees => {
  const gst = isExempt ? 0 : Math.floor((fee * 18 + 50) / 100);
  return { fee, gst, total: fee + gst };
};

export async function openWorld(system: System): Promise<World> {
  const hospital = await openDrillHospital(system.parts);
  const doctors = await Promise.all(
    [...fees, ...fees].map(async (fee, n) => {
      const isExempt = n >= fees.length;
      const doctor_id = await hospital.newDoctor({
        specialty: isExempt ? 'Exempt' : 'Taxed',
        consultation_fee: fromCents(BigInt(fee)),
        ...{ slot_minutes: 5, slot_capacity: 50 },
      });
      return { doctor_id, ...priceOf(fee, isExempt) };
    }),
  );
  return { system, doctors, limit };
}

const slotMs = 5 * 60_000;
const dayMs = 86_400_000;
const hourMs = 3_600_000;

/** Hours from now, from and to: well inside what the policy says of each. */
const spans: Readonly<Record<Lead, readonly [from: number, to: number]>> = {
  late: [1, 3.5],
  soon: [6, 22],
  early: [30, 27 * 24],
};

/** Some slot that is so far ahead; `chance` is from 0 to 1. */
export function slotIn(lead: Lead, now: number, chance: number): string {
  const [from, to] = spans[lead];
  const at = Math.ceil((now + (from + chance * (to - from)) * hourMs) / slotMs) * slotMs;
  // The last slot of a day begins at 23:50.
  const isNight = at % dayMs >= dayMs - slotMs;
  return new Date(isNight ? at + slotMs : at).toISOString();
}
