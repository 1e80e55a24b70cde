import { randomUUID } from 'node:crypto';
import type { Role } from '../../src/lib/actor.js';
import type { System } from '../../src/system.js';

/* Factories: each makes what it needs through the API itself, with ids of its own, and gives the answer's body. */

type Fields = Record<string, unknown>;
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test looks into any answer
type Made = any;
type Request = (
  method: string,
  path: string,
  ask: { readonly token?: string; readonly body?: unknown; readonly headers?: Record<string, string> },
) => Promise<{ readonly status: number; readonly body: Made }>;

/** An API of `startApi` answers a request with this header as if it were that time. */
export const timeHeader = 'test-time';

export const testPassword = 'Correct-Horse-9-Battery';

export interface Make {
  /** An account with the role and its access token. */
  account(
    role: Role,
    links?: { patient_id?: string; doctor_id?: string; hospital_id?: string },
  ): Promise<{ token: string; email: string; user_id: string }>;
  /** The token of one shared account of this role; doctor and patient have records (`ids`). */
  token(role: Role): Promise<string>;
  hospital(fields?: Fields): Promise<Made>;
  department(fields?: Fields): Promise<Made>;
  doctor(fields?: Fields): Promise<Made>;
  patient(fields?: Fields): Promise<Made>;
  /** Booked by the admin: a free slot of the doctor's, another one each time, from tomorrow at 10:00 UTC on; or `date`. */
  appointment(fields?: Fields): Promise<Made>;
  /** Written by `doctor_id` (made when missing). */
  prescription(fields?: Fields): Promise<Made>;
  /**
   * Takes an appointment through the steps, as the admin; it is the hospital's doing when it is cancelled. Other steps are
   * made when the visit begins, if that is still to come.
   */
  steps(appointment_id: string, ...statuses: string[]): Promise<Made>;
}

const day = 86_400_000;

export function createMake(system: System, request: Request): Make {
  const shared = new Map<string, Promise<Made>>();
  const once = <T>(key: string, create: () => Promise<T>): Promise<T> => {
    if (!shared.has(key)) shared.set(key, create());
    return shared.get(key) as Promise<T>;
  };
  const now = (): number => system.around.clock.now().getTime();

  const given = new Map<string, { from: number; to: number }[]>();

  /** Nobody is given two that overlap, also when calls run at once. */
  async function freeSlot(doctor_id: string, patient_id: string): Promise<string> {
    const taken = [doctor_id, patient_id].map((id) => given.get(id) ?? given.set(id, []).get(id)!);
    // Two days ahead: more than the day that REFUND_POLICY gives all back for, at whatever hour a test runs.
    const from = new Date(Math.floor(now() / day) * day + 2 * day + 10 * 3_600_000);
    for (const days of [3, 30]) {
      const to = new Date(from.getTime() + days * day);
      const free = await system.parts.appointments.freeSlots(doctor_id, { from, to });
      const slot = free.find(({ date, slot_end }) =>
        taken.flat().every(({ from, to }) => to <= date.getTime() || slot_end.getTime() <= from),
      );
      if (!slot) continue;
      for (const times of taken) times.push({ from: slot.date.getTime(), to: slot.slot_end.getTime() });
      return slot.date.toISOString();
    }
    throw new Error(`doctor ${doctor_id} has no free slot`);
  }

  async function account(
    role: Role,
    links: { patient_id?: string; doctor_id?: string; hospital_id?: string } = {},
  ) {
    const email = `${role}.${randomUUID()}@test.example`;
    await system.parts.accounts.createAccount({
      email,
      password: testPassword,
      name: `Test ${role}`,
      role,
      ...links,
    });
    const { body, status } = await request('POST', '/auth/login', {
      body: { email, password: testPassword },
    });
    if (status !== 200) throw new Error(`login of ${role} failed: ${JSON.stringify(body)}`);
    return { token: body.access_token as string, email, user_id: body.user.id as string };
  }

  async function post(path: string, body: Fields, as?: string): Promise<Made> {
    const answer = await request('POST', path, { token: as ?? (await token('admin')), body });
    if (answer.status !== 201)
      throw new Error(`POST ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  const token = (role: Role): Promise<string> =>
    once(`token ${role}`, async () => {
      const links =
        role === 'doctor'
          ? { doctor_id: (await make.doctor()).doctor_id as string }
          : role === 'patient'
            ? { patient_id: (await make.patient()).patient_id as string }
            : role === 'receptionist'
              ? { hospital_id: (await once('hospital', () => make.hospital())).hospital_id as string }
              : {};
      return (await account(role, links)).token;
    });

  const make: Make = {
    account,
    token,
    hospital: (fields = {}) =>
      post('/hospitals', { name: `Hospital ${randomUUID()}`, region: 'North', time_zone: 'UTC', ...fields }),
    async department(fields = {}) {
      const hospital_id =
        fields['hospital_id'] ?? (await once('hospital', () => make.hospital())).hospital_id;
      return post('/departments', { department_name: `Department ${randomUUID()}`, ...fields, hospital_id });
    },
    async doctor(fields = {}) {
      const department_id =
        fields['department_id'] ?? (await once('department', () => make.department())).department_id;
      const availability = [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({
        weekday,
        start: '08:00',
        end: '18:00',
      }));
      return post('/doctors', {
        name: 'Dr Ada Test',
        specialty: 'Cardiology',
        registration_number: randomUUID(),
        registration_expiry: '2090-01-01',
        consultation_fee: 100,
        availability,
        slot_minutes: 15,
        ...fields,
        department_id,
      });
    },
    patient: (fields = {}) =>
      post('/patients', { name: 'Pat Test', date_of_birth: '1980-02-29', sex: 'female', ...fields }),
    async appointment(fields = {}) {
      const doctor_id = fields['doctor_id'] ?? (await once('doctor', () => make.doctor())).doctor_id;
      // At a time that the test chooses, somebody else may have chosen it for the shared patient.
      const anyone = () =>
        fields['date'] === undefined ? once('patient', () => make.patient()) : make.patient();
      const patient_id = fields['patient_id'] ?? (await anyone()).patient_id;
      const date = fields['date'] ?? (await freeSlot(doctor_id as string, patient_id as string));
      return post('/appointments', { ...fields, date, doctor_id, patient_id });
    },
    async prescription(fields = {}) {
      const doctor_id = (fields['doctor_id'] ??
        (await once('doctor', () => make.doctor())).doctor_id) as string;
      const patient_id = fields['patient_id'] ?? (await once('patient', () => make.patient())).patient_id;
      const prescriber = await once(`prescriber ${doctor_id}`, () => account('doctor', { doctor_id }));
      const body = {
        drug: 'Amoxicillin',
        dosage: { value: 500, unit: 'mg' },
        frequency: 'twice_daily',
        cost: 12.5,
      };
      return post('/prescriptions', { ...body, ...fields, doctor_id, patient_id }, prescriber.token);
    },
    async steps(appointment_id, ...statuses) {
      let last: Made;
      const { body } = await request('GET', `/appointments/${appointment_id}`, {
        token: await token('admin'),
      });
      const time = new Date(Math.max(now(), Date.parse(body.date as string))).toISOString();
      for (const status of statuses) {
        const answer = await request('PATCH', `/appointments/${appointment_id}`, {
          token: await token('admin'),
          headers: status === 'cancelled' ? {} : { [timeHeader]: time },
          body: status === 'cancelled' ? { status, cancellation_reason: 'oth-err' } : { status },
        });
        if (answer.status !== 200)
          throw new Error(`step ${status}: ${answer.status} ${JSON.stringify(answer.body)}`);
        last = answer.body;
      }
      return last;
    },
  };
  return make;
}
