import {
  cancellationReasons,
  noticeHours,
  refundPercent,
  type Appointment,
  type CancellationReason,
} from '../../domains/clinical/appointments/index.js';
import { percentOf, type Transaction } from '../../domains/money/payments/index.js';
import type { PaymentMethod } from '../../domains/money/payments/payments.types.js';
import type { Problem } from '../../lib/errors.js';
import { id, instant, oneOf, optional, shape, term } from '../../lib/fields.js';
import { fromCents, sumMoney, toCents, type Money } from '../../lib/money.js';
import { isAboutTimes, nextPage } from './booking.routes.js';
import { newKey, refusalBy } from './calendars.js';
import { dayOf } from '../format.js';
import { path } from '../../lib/html.js';
import { mistakesOf } from '../mistakes.js';
import { definePage, type AnyPage, type PatientActor, type Reply, type View } from '../page.js';
import { appointmentPage, type AppointmentView } from './appointment.page.js';
import { appointmentsPage, type AppointmentLine } from './appointments.page.js';
import type { CalendarView } from './calendar.page.js';
import { cancelPage, type CancelView } from './cancel.page.js';
import type { Quote } from './hold.page.js';
import { reschedulePage } from './reschedule.page.js';
import { dayText } from '../shapes.js';
import type { Kit } from '../kit.js';

const params = shape({ appointment_id: id() });
const perPage = 20;

/** Cash and transfers are taken by the hospital's desk, which sees that they come, and not here. */
const methods = {
  card: 'Card',
  bank_transfer: 'Bank transfer',
  cash: 'Cash at the desk',
} as const satisfies Record<PaymentMethod, string>;
const onlineMethods = ['card'] as const satisfies readonly PaymentMethod[];

/** The reasons that are a patient's to give, in their own words. */
const ownReasons = {
  pat: 'I cannot come at that time',
  'pat-fb': 'I feel better',
  'pat-lt': 'I have no way to get there',
  'pat-mv': 'I have moved',
  'pat-uwo': 'I go to somebody else',
  'oth-fin': 'It costs too much',
} as const satisfies { readonly [R in CancellationReason]?: string };
const reasonCodes = Object.keys(ownReasons) as (keyof typeof ownReasons)[];

const isAhead = ({ status }: Appointment): boolean => status === 'scheduled' || status === 'checked_in';

const addressOf = (appointment_id: string): string => path`/my/appointments/${appointment_id}`;

const listPage = ({ deps, records }: Kit): AnyPage => {
  const line = async (appointment: Appointment): Promise<AppointmentLine> => ({
    ...appointment,
    ...(await records.namesOf(appointment)),
    paid: appointment.payment?.status ?? null,
  });

  async function waiting(actor: PatientActor) {
    if (!deps.features.waiting_list) return [];
    const { items } = await deps.waitingList.list(actor, { limit: 100 });
    const open = items.filter(({ status }) => status === 'waiting' || status === 'offered');
    return Promise.all(
      open.map(async (entry) => ({
        ...entry,
        ...(await records.namesOf(entry)),
        day: entry.day.toISOString().slice(0, 10),
        offer: entry.status === 'offered' ? entry.offer : null,
      })),
    );
  }

  return definePage({
    method: 'get',
    path: '/my/appointments',
    audience: 'patient',
    audit: 'appointment.list',
    query: shape({ cursor: optional(term(2000)) }),
    async handle({ actor, query: { cursor } }) {
      const now = deps.clock.now();
      const ahead = await deps.appointments.listOwn(actor, { from: now, sort: 'date', limit: 100 });
      const all = await deps.appointments.listOwn(actor, { sort: '-date', limit: perPage, cursor });
      const upcoming = ahead.items.filter(isAhead);
      const shown = new Set(upcoming.map(({ appointment_id }) => appointment_id));
      const past = all.items.filter(({ appointment_id }) => !shown.has(appointment_id));
      const view = {
        upcoming: await Promise.all(upcoming.map(line)),
        past: await Promise.all(past.map(line)),
        waiting: await waiting(actor),
        form_key: newKey(),
        next: nextPage('/my/appointments', all.next_cursor),
      };
      return { view: appointmentsPage(view) };
    },
  });
};

const visitPages = ({ deps, records }: Kit): AnyPage[] => {
  /** The newest payment, from where it was decided: the mark in the appointment may be a moment behind. */
  async function paymentOf(actor: PatientActor, appointment_id: string): Promise<Transaction | null> {
    const { items } = await deps.payments.list(actor, { appointment_id, limit: 100 });
    return items.find(({ bill_id }) => bill_id === null) ?? null;
  }

  /** What is owed for the visit that is not in the quote. */
  async function billsOf(
    actor: PatientActor,
    appointment_id: string,
    quote: Quote | null,
  ): Promise<AppointmentView['bills']> {
    const open = (await deps.billing.listOpen(actor)).filter(
      (bill) => bill.appointment_id === appointment_id && (!quote || bill.kind !== 'consultation'),
    );
    return { count: open.length, due: sumMoney(open.map(({ due }) => due)) };
  }

  /** What is still to be paid; null when nothing is, or it is for the desk to say. */
  async function quoteOf(
    actor: PatientActor,
    appointment: Appointment,
    payment: Transaction | null,
  ): Promise<Quote | null> {
    const { consultation_fee: fee, doctor_id, status } = appointment;
    if (payment || !deps.takesCards || fee === null || status === 'cancelled' || status === 'no_show')
      return null;
    const doctor = await deps.doctors.find(doctor_id);
    return deps.payments.priceFor(actor, fee, doctor?.specialty ?? null);
  }

  async function view(
    actor: PatientActor,
    appointment_id: string,
    form: Pick<AppointmentView, 'values' | 'mistakes'>,
  ): Promise<View> {
    const appointment = await deps.appointments.get(actor, appointment_id);
    const payment = await paymentOf(actor, appointment_id);
    const names = await records.namesOf(appointment);
    const quote = await quoteOf(actor, appointment, payment);
    const { cancellation_reason: reason, status, date } = appointment;
    return appointmentPage({
      appointment: {
        ...appointment,
        ...names,
        paid: payment?.status ?? appointment.payment?.status ?? null,
        moved: appointment.reschedules.length,
      },
      department: await records
        .departmentOf(appointment.department_id)
        .then(({ department }) => department)
        .catch(() => null),
      cancelledBecause:
        reason === null
          ? null
          : ((ownReasons as Record<string, string>)[reason] ?? cancellationReasons[reason].title),
      payment: payment && { ...payment, payment_method: methods[payment.payment_method].toLowerCase() },
      quote,
      bills: await billsOf(actor, appointment_id, quote),
      currency: deps.currency,
      methods: onlineMethods.map((value) => ({ value, label: methods[value] })),
      mayChange: status === 'scheduled' && date > deps.clock.now(),
      form_key: newKey(),
      ...form,
    });
  }

  return [
    definePage({
      method: 'get',
      path: '/my/appointments/:appointment_id',
      audience: 'patient',
      audit: 'appointment.read',
      params,
      handle: async ({ actor, params: { appointment_id } }) => ({
        view: await view(actor, appointment_id, { values: {}, mistakes: [] }),
      }),
    }),
    definePage({
      method: 'post',
      path: '/my/appointments/:appointment_id/pay',
      audience: 'patient',
      audit: 'payment.pay',
      params,
      form: shape({ payment_method: oneOf(...onlineMethods) }),
      async handle({ actor, params: { appointment_id }, form, once }) {
        const { checkout_path } = await deps.payments.pay(actor, appointment_id, form, once);
        return { to: checkout_path ?? addressOf(appointment_id) };
      },
      refused: ({ actor, params: { appointment_id }, values, problem }) =>
        view(actor, appointment_id!, {
          values,
          mistakes: mistakesOf(problem, { payment_method: 'Choose how you pay.' }),
        }),
    }),
  ];
};

const cancelPages = ({ deps, records }: Kit): AnyPage[] => {
  /** What a cancellation at this moment gives back: the percentage of the payment, less what went back before. */
  async function refundOf(actor: PatientActor, appointment: Appointment): Promise<CancelView['refund']> {
    const { appointment_id } = appointment;
    const { items } = await deps.payments.list(actor, { appointment_id, limit: 100 });
    const payment = items.find(({ bill_id }) => bill_id === null);
    if (payment?.status !== 'paid' && payment?.status !== 'partially_refunded') return null;
    const percent = refundPercent(deps.refundPolicy, 'pat', noticeHours(appointment, deps.clock.now()));
    const due = toCents(percentOf(payment.total_fee, percent)) - toCents(payment.refunded);
    const back: Money = fromCents(due > 0n ? due : 0n);
    return { paid: payment.total_fee, back, percent };
  }

  async function view(actor: PatientActor, appointment_id: string, problem?: Problem): Promise<View> {
    const appointment = await deps.appointments.get(actor, appointment_id);
    return cancelPage({
      appointment_id,
      date: appointment.date,
      ...(await records.namesOf(appointment)),
      refund: await refundOf(actor, appointment),
      policy: deps.refundPolicy,
      currency: deps.currency,
      reasons: reasonCodes.map((value) => ({ value, label: ownReasons[value] })),
      form_key: newKey(),
      mistakes: problem ? mistakesOf(problem, { cancellation_reason: 'Choose why you cancel.' }) : [],
    });
  }

  return [
    definePage({
      method: 'get',
      path: '/my/appointments/:appointment_id/cancel',
      audience: 'patient',
      audit: 'appointment.read',
      params,
      async handle({ actor, params: { appointment_id } }): Promise<Reply> {
        const { status } = await deps.appointments.get(actor, appointment_id);
        if (status !== 'scheduled') return { to: addressOf(appointment_id) };
        return { view: await view(actor, appointment_id) };
      },
    }),
    definePage({
      method: 'post',
      path: '/my/appointments/:appointment_id/cancel',
      audience: 'patient',
      audit: 'appointment.update',
      params,
      form: shape({ cancellation_reason: oneOf(...reasonCodes) }),
      async handle({ actor, params: { appointment_id }, form }): Promise<Reply> {
        const to = addressOf(appointment_id);
        const { status } = await deps.appointments.get(actor, appointment_id);
        // A second click: it is what they want already.
        if (status === 'cancelled') return { to };
        await deps.appointments.update(actor, appointment_id, { status: 'cancelled', ...form });
        return { to };
      },
      refused: ({ actor, params: { appointment_id }, problem }) => view(actor, appointment_id!, problem),
    }),
  ];
};

const movePages = ({ deps, records, calendars }: Kit): AnyPage[] => {
  async function view(
    actor: PatientActor,
    appointment_id: string,
    day: string | undefined,
    refusal?: CalendarView['refusal'],
  ): Promise<View> {
    const { doctor_id, hospital_id, date } = await deps.appointments.get(actor, appointment_id);
    const { doctor_name, zone } = await records.namesOf({ doctor_id, hospital_id });
    const week = await calendars.weekOf(actor, doctor_id, zone, day);
    const base = `${addressOf(appointment_id)}/reschedule`;
    return reschedulePage({
      appointment_id,
      date,
      doctor_name,
      calendar: { ...week, base, action: base, refusal },
    });
  }

  return [
    definePage({
      method: 'get',
      path: '/my/appointments/:appointment_id/reschedule',
      audience: 'patient',
      audit: 'appointment.read',
      params,
      query: shape({ day: optional(dayText()) }),
      handle: async ({ actor, params: { appointment_id }, query }) => ({
        view: await view(actor, appointment_id, query.day),
      }),
    }),
    definePage({
      method: 'post',
      path: '/my/appointments/:appointment_id/reschedule',
      audience: 'patient',
      audit: 'appointment.reschedule',
      params,
      form: shape({ start: instant() }),
      async handle({ actor, params: { appointment_id }, form, once }) {
        const wish = { date: form.start.toISOString(), reason: null };
        await deps.appointments.reschedule(actor, appointment_id, wish, { once });
        return { to: addressOf(appointment_id) };
      },
      async refused({ actor, params: { appointment_id }, values, problem }) {
        if (!isAboutTimes(problem)) return undefined;
        const appointment = await deps.appointments.get(actor, appointment_id!);
        const { zone } = await records.namesOf(appointment);
        const day = dayOf(new Date(values['start'] ?? NaN), zone);
        return view(actor, appointment_id!, day, refusalBy(problem));
      },
    }),
  ];
};

export const appointmentPages = (kit: Kit): AnyPage[] => [
  listPage(kit),
  ...visitPages(kit),
  ...cancelPages(kit),
  ...movePages(kit),
];
