import { expect } from 'chai';
import type { Answer, TestApi } from './api.js';

/* Records with an account of their own, and what tests of several domains expect alike. */

export const hour = 3_600_000;
export const day = 24 * hour;

/** The nth slot of a doctor of `make.doctor`, counted from 0: 32 a day, from 10:00 UTC on, beginning tomorrow. */
export const nthSlot = (n: number): string => {
  const midnight = (Math.floor(Date.now() / day) + 1 + Math.floor(n / 32)) * day;
  return new Date(midnight + 10 * hour + (n % 32) * (hour / 4)).toISOString();
};

export const tomorrow = (): string => nthSlot(0);

export function expectProblem({ status, body }: Answer, expected: number, code: string): void {
  expect({ status, code: body.code }).to.deep.equal({ status: expected, code });
}

/** PAT-5: nothing in the answers tells that one of the two exists. */
export function expectSameRefusal(hidden: Answer, missing: Answer): void {
  expectProblem(hidden, 404, 'not_found');
  expect({ ...hidden.body, instance: '' }).to.deep.equal({ ...missing.body, instance: '' });
}

export interface Account {
  readonly token: string;
  readonly user_id: string;
}

export async function newPatient(api: TestApi): Promise<Account & { patient_id: string }> {
  const { patient_id } = await api.make.patient();
  return { patient_id, ...(await api.make.account('patient', { patient_id })) };
}

export async function newDoctor(
  api: TestApi,
): Promise<Account & { doctor_id: string; department_id: string; hospital_id: string }> {
  const doctor = await api.make.doctor();
  return { ...doctor, ...(await api.make.account('doctor', { doctor_id: doctor.doctor_id })) };
}

/** What the patient's record says of the newest appointments or prescriptions. */
export async function summariesOf(
  api: TestApi,
  patient_id: string,
  which: 'appointments' | 'prescriptions',
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test looks into any answer
): Promise<any[]> {
  return (await api.get(`/patients/${patient_id}`, { token: await api.as('admin') })).body[which];
}
