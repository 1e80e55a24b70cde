import { timeRefusals } from '../../domains/clinical/appointments/index.js';
import type { Actor } from '../../lib/actor.js';
import { Problem, type ProblemCode } from '../../lib/errors.js';
import { id, instant, optional, shape, term, text } from '../../lib/fields.js';
import { newKey, refusalBy } from './calendars.js';
import { dayOf } from '../format.js';
import { path } from '../../lib/html.js';
import { mistakesOf } from '../mistakes.js';
import { definePage, type AnyPage, type PatientActor, type Refusal, type View } from '../page.js';
import type { CalendarView } from './calendar.page.js';
import { departmentPage, type DoctorCard } from './department.page.js';
import { departmentsPage } from './departments.page.js';
import { doctorPage, type HeldTime } from './doctor.page.js';
import { holdGonePage, holdPage, type HoldView } from './hold.page.js';
import { day, dayText } from '../shapes.js';
import type { Kit } from '../kit.js';

const departmentParams = shape({ department_id: id() });
const doctorParams = shape({ doctor_id: id() });
const holdParams = shape({ hold_id: id() });
const cursor = optional(term(2000));

const listQuery = shape({ q: optional(term(200)), region: optional(term(100)), cursor });
const doctorQuery = shape({ day: optional(dayText()), slot: optional(instant()) });

const perPage = 12;

/** The address of a list's next page; undefined on the last. */
export function nextPage(
  base: string,
  next_cursor: string | null,
  query: Readonly<Record<string, string | undefined>> = {},
): string | undefined {
  if (next_cursor === null) return undefined;
  const given = new URLSearchParams({ cursor: next_cursor });
  for (const [key, value] of Object.entries(query)) if (value !== undefined) given.set(key, value);
  return `${base}?${given.toString()}`;
}

const listPages = ({ deps, records, calendars }: Kit): AnyPage[] => [
  definePage({
    method: 'get',
    path: '/book',
    audience: 'anybody',
    audit: 'none',
    query: listQuery,
    async handle({ query: { cursor: from, ...search } }) {
      const page = await deps.departments.list(search, { limit: perPage, cursor: from });
      const view = {
        departments: await records.cardsOf(page.items),
        regions: await deps.hospitals.regions(),
        search,
        next: nextPage('/book', page.next_cursor, search),
      };
      return { view: departmentsPage(view) };
    },
  }),
  definePage({
    method: 'get',
    path: '/book/departments/:department_id',
    audience: 'anybody',
    audit: 'none',
    params: departmentParams,
    query: shape({ cursor }),
    async handle({ actor, params: { department_id }, query }) {
      const { department, zone } = await records.departmentOf(department_id);
      const page = await deps.doctors.list({ department_id, limit: perPage, cursor: query.cursor });
      const doctors: DoctorCard[] = await Promise.all(
        page.items.map(async (doctor) => ({
          ...doctor,
          next_free: doctor.available ? await calendars.firstFree(actor, doctor.doctor_id) : null,
        })),
      );
      const next = nextPage(path`/book/departments/${department_id}`, page.next_cursor);
      return { view: departmentPage({ department, doctors, zone, currency: deps.currency, next }) };
    },
  }),
];

/** Refusals of a chosen time: they are shown beside the times that are free. */
const aboutTimes: readonly ProblemCode[] = [
  ...timeRefusals,
  'slots_are_free',
  'patient_busy',
  'patient_deceased',
  'too_many_holds',
  'already_waiting',
];
export const isAboutTimes = ({ code }: Problem): boolean => aboutTimes.includes(code);

const doctorPages = ({ deps, records, calendars }: Kit): AnyPage[] => {
  async function holdsOf(actor: Actor | null): Promise<HeldTime[]> {
    if (actor?.role !== 'patient') return [];
    const holds = await deps.appointments.listHolds(actor);
    const named = holds.map(async (hold) => {
      const doctor = await deps.doctors.find(hold.doctor_id);
      return doctor ? [{ ...hold, ...(await records.namesOf(doctor)) }] : [];
    });
    return (await Promise.all(named)).flat();
  }

  async function view(
    actor: Actor | null,
    doctor_id: string,
    query: { readonly day?: string | undefined; readonly slot?: Date | undefined },
    refusal?: CalendarView['refusal'],
  ): Promise<View> {
    const doctor = await deps.doctors.get(doctor_id);
    const { department, zone } = await records.departmentOf(doctor.department_id);
    const { slot } = query;
    const week = await calendars.weekOf(actor, doctor_id, zone, slot ? dayOf(slot, zone) : query.day);
    const isFree = slot && week.times.some(({ start }) => start.getTime() === slot.getTime());
    const base = path`/book/doctors/${doctor_id}`;
    const gone = slot && !isFree ? refusalBy(new Problem('slot_taken')) : undefined;
    return doctorPage({
      doctor,
      department,
      currency: deps.currency,
      calendar: {
        ...week,
        base,
        action: actor === null ? null : `${base}/hold`,
        refusal: refusal ?? gone,
      },
      chosen: isFree ? slot : undefined,
      holds: await holdsOf(actor),
      mayWait: deps.features.waiting_list && actor !== null && doctor.accepting,
    });
  }

  return [
    definePage({
      method: 'get',
      path: '/book/doctors/:doctor_id',
      audience: 'anybody',
      audit: 'none',
      params: doctorParams,
      query: doctorQuery,
      handle: async ({ actor, params, query }) => ({ view: await view(actor, params.doctor_id, query) }),
    }),
    definePage({
      method: 'post',
      path: '/book/doctors/:doctor_id/hold',
      audience: 'patient',
      audit: 'hold.take',
      params: doctorParams,
      form: shape({ start: instant() }),
      async handle({ actor, params: { doctor_id }, form, once }) {
        const wish = { doctor_id, date: form.start.toISOString() };
        const { hold_id } = await deps.appointments.hold(actor, wish, once);
        return { to: path`/book/holds/${hold_id}` };
      },
      async refused({ actor, params, values, problem }) {
        if (!isAboutTimes(problem)) return undefined;
        const wanted = new Date(values['start'] ?? NaN);
        const { zone } = await deps.doctors.duty(params['doctor_id']!);
        return view(actor, params['doctor_id']!, { day: dayOf(wanted, zone) }, refusalBy(problem));
      },
    }),
    definePage({
      method: 'post',
      path: '/book/doctors/:doctor_id/wait',
      audience: 'patient',
      audit: 'waiting.join',
      features: ['waiting_list'],
      params: doctorParams,
      form: shape({ day: day() }),
      async handle({ actor, params: { doctor_id }, form }) {
        await deps.waitingList.join(actor, { doctor_id, day: form.day });
        return { to: '/my/appointments#waiting' };
      },
      refused: async ({ actor, params, values, problem }) =>
        isAboutTimes(problem)
          ? view(actor, params['doctor_id']!, { day: values['day'] }, refusalBy(problem))
          : undefined,
    }),
  ];
};

const holdPages = ({ deps, records }: Kit): AnyPage[] => {
  async function view(
    actor: PatientActor,
    hold_id: string,
    form: Pick<HoldView, 'values' | 'mistakes'>,
  ): Promise<View> {
    const hold = await deps.appointments.getHold(actor, hold_id);
    const doctor = await deps.doctors.get(hold.doctor_id);
    const { name: patient_name } = await deps.accounts.me(actor);
    return holdPage({
      hold,
      isOver: hold.expires_at <= deps.clock.now(),
      doctor,
      ...(await records.departmentOf(doctor.department_id)),
      quote: deps.payments.priceFor(actor, doctor.consultation_fee, doctor.specialty),
      currency: deps.currency,
      patient_name,
      form_key: newKey(),
      ...form,
    });
  }

  const isGone = ({ code }: Problem): boolean => code === 'not_found' || code === 'hold_expired';

  async function refused({ actor, params, values, problem }: Refusal<'patient'>): Promise<View | undefined> {
    if (isGone(problem)) return holdGonePage();
    return view(actor, params['hold_id']!, {
      values,
      mistakes: mistakesOf(problem, { reason: 'Use fewer words.' }),
    });
  }

  return [
    definePage({
      method: 'get',
      path: '/book/holds/:hold_id',
      audience: 'patient',
      audit: 'appointment.read',
      params: holdParams,
      handle: async ({ actor, params }) => ({
        view: await view(actor, params.hold_id, { values: {}, mistakes: [] }),
      }),
      refused: async ({ problem }) => (isGone(problem) ? holdGonePage() : undefined),
    }),
    definePage({
      method: 'post',
      path: '/book/holds/:hold_id',
      audience: 'patient',
      audit: 'appointment.book',
      params: holdParams,
      // With what the hold is of: once it is booked there is no hold to ask, and the form may come again.
      form: shape({ doctor_id: id(), start: instant(), reason: optional(text(1000)) }),
      async handle({ actor, params: { hold_id }, form: { doctor_id, start, reason = null }, once }) {
        const slot = { hold_id, doctor_id, date: start.toISOString(), pointer: '/body/date' };
        const booking = { ...slot, disease: null, reason };
        const { appointment_id } = await deps.appointments.book(actor, booking, once);
        return { to: path`/my/appointments/${appointment_id}` };
      },
      refused,
    }),
    definePage({
      method: 'post',
      path: '/book/holds/:hold_id/release',
      audience: 'patient',
      audit: 'hold.release',
      params: holdParams,
      form: shape({ doctor_id: id(), start: instant(), reason: optional(text(2000)) }),
      async handle({ actor, params: { hold_id }, form }) {
        await deps.appointments.release(actor, hold_id);
        return { to: path`/book/doctors/${form.doctor_id}` };
      },
      refused,
    }),
  ];
};

export const bookingPages = (kit: Kit): AnyPage[] => [
  ...listPages(kit),
  ...doctorPages(kit),
  ...holdPages(kit),
];
