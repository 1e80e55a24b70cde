import { expect } from 'chai';
import { startApi, type TestApi } from '../support/api.js';
import { newGuest, type Shown, type Visitor } from './visitor.js';

/* A hospital in New York, opening at 8:00, which is 13:00 UTC in winter; it is Monday, 7:00 there. */

export const monday = new Date('2026-11-23T12:00:00Z');

/** A time in UTC, of the Tuesday by default. */
export const at = (time: string, day = '2026-11-24'): string => `${day}T${time}:00.000Z`;

export const idOf = (page: string): string => page.split('/').at(-1)!;

export interface Clinic {
  readonly api: TestApi;
  /** A patient who is signed in. */
  readonly visitor: Visitor;
  readonly token: string;
  readonly patient_id: string;
  readonly hospital_id: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test looks into any answer
  newDoctor(fields?: Record<string, unknown>): Promise<any>;
  /** The address of the page to confirm on. */
  hold(doctor_id: string, start: string, by?: Visitor): Promise<string>;
  /** The address of the appointment's page. */
  book(start: string, doctor_id?: string): Promise<string>;
  pay(page: string): Promise<Shown>;
  /** What the API says of the appointment with this page. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test looks into any answer
  appointment(page: string): Promise<any>;
}

export async function openClinic(): Promise<Clinic> {
  const api = await startApi();
  api.clock.set(monday);
  const { visitor, token, patient_id } = await newGuest(api);
  const { hospital_id } = await api.make.hospital({
    name: 'Harbour Hospital',
    time_zone: 'America/New_York',
  });
  const { department_id } = await api.make.department({ hospital_id, department_name: 'Cardiology' });
  const clinic: Clinic = {
    ...{ api, visitor, token, patient_id, hospital_id },

    newDoctor: (fields = {}) =>
      api.make.doctor({ name: 'Dr Asha Rao', department_id, slot_minutes: 30, ...fields }),

    async hold(doctor_id, start, by = visitor) {
      const page = await by.get(`/book/doctors/${doctor_id}`);
      const held = await by.submit(page, `/book/doctors/${doctor_id}/hold`, { start });
      expect(held.status, held.text).equal(303);
      return held.to!;
    },

    async book(start, doctor_id) {
      const to = await clinic.hold(doctor_id ?? (await clinic.newDoctor()).doctor_id, start);
      const booked = await visitor.submit(await visitor.get(to), to);
      expect(booked.status, booked.text).equal(303);
      return booked.to!;
    },

    async pay(page) {
      const { to } = await visitor.submit(await visitor.get(page), `${page}/pay`, { payment_method: 'card' });
      return visitor.submit(await visitor.get(to!), `${to}/pay`);
    },

    appointment: async (page) =>
      (await api.get(`/appointments/${idOf(page)}`, { token: await api.as('admin') })).body,
  };
  return clinic;
}
