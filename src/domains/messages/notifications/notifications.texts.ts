import { html, toText, withLinks } from '../../../lib/html.js';
import type {
  NewNotification,
  NotificationFacts,
  NotificationKind,
} from '../../../contracts/notifications.js';
import type { Notification } from './notifications.types.js';

type Written<K extends NotificationKind> = (facts: NotificationFacts[K]) => string;

/** A title says nothing about anybody: it is the subject of an email, which a locked screen shows too. */
const texts: { readonly [K in NotificationKind]: { readonly title: string; readonly body: Written<K> } } = {
  'appointment.booked': {
    title: 'Appointment booked',
    body: ({ doctor, date }) => `An appointment with ${doctor} is booked for ${date}.`,
  },
  'appointment.rescheduled': {
    title: 'Appointment moved',
    body: ({ doctor, from, date }) => `The appointment with ${doctor} on ${from} is moved to ${date}.`,
  },
  'appointment.cancelled': {
    title: 'Appointment cancelled',
    body: ({ doctor, date }) => `The appointment with ${doctor} on ${date} is cancelled.`,
  },
  'waiting_list.offered': {
    title: 'A slot is kept for you',
    body: ({ doctor, date, until }) =>
      `A slot with ${doctor} on ${date} has become free and is kept for you until ${until}. Book it by then, or it goes to ` +
      'the next in the queue.',
  },
  'waiting_list.offer_expired': {
    title: 'A slot is no longer kept for you',
    body: ({ doctor, date }) =>
      `The slot with ${doctor} on ${date} was not booked in time and is no longer kept for you.`,
  },
  'payment.paid': {
    title: 'Payment received',
    body: ({ amount, doctor, date }) => `${amount} was paid for the appointment with ${doctor} on ${date}.`,
  },
  'payment.refunded': {
    title: 'Payment refunded',
    body: ({ amount, doctor, date }) =>
      `${amount} was refunded for the appointment with ${doctor} on ${date}.`,
  },
  'payment.voided': {
    title: 'Payment void',
    body: ({ amount, doctor, date }) =>
      `The payment of ${amount} for the appointment with ${doctor} on ${date} is void.`,
  },
  'report.delivered': {
    title: 'Report ready',
    body: ({ name, address, until }) => `The saved report “${name}” is ready: ${address}, until ${until}.`,
  },
  'report.not_delivered': {
    title: 'Report not delivered',
    body: ({ name, why }) => `The saved report “${name}” could not be delivered. ${why}`,
  },
  'target.met': {
    title: 'A target is met',
    body: ({ figure, value, target, address }) =>
      `${figure} is ${value} now. The target, ${target}, is met: ${address}`,
  },
  'target.missed': {
    title: 'A target is missed',
    body: ({ figure, value, target, address }) =>
      `${figure} is ${value} now. The target, ${target}, is missed: ${address}`,
  },
  'webhook.turned_off': {
    title: 'Webhook turned off',
    body: ({ host, failures }) =>
      `Your webhook at ${host} is turned off: the last ${failures} deliveries to it failed. Turn it on again when it answers.`,
  },
};

/** What is said of any of that kind. */
export const titleOf = (kind: NotificationKind): string => texts[kind].title;

/** A fact as one line: a name may hold line ends, and marks that turn the direction of all that follows. */
const oneLine = (fact: string): string =>
  fact.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu, ' ').trim();

/** The words of a notification; facts that hold line ends or control characters cannot add lines of their own. */
export function textOf({ kind, facts }: Pick<NewNotification, 'kind' | 'facts'>): {
  title: string;
  body: string;
} {
  const { title, body } = texts[kind] as { title: string; body: Written<never> };
  const clean = Object.fromEntries(
    Object.entries<string>({ ...facts }).map(([name, fact]) => [name, oneLine(fact)]),
  );
  return { title, body: body(clean as never) };
}

const why =
  'You get this email because your notifications are sent to you. You can turn that off in your preferences.';

/** The content of its email; addresses below `site`, which is ours, are links. Nothing that a person wrote is in the subject. */
export const emailOf = (
  { title, body }: Pick<Notification, 'title' | 'body'>,
  site: string,
): { subject: string; text: string; html: string } => ({
  subject: title,
  text: `${body}\n\n-- \n${why}\n`,
  html: toText(
    html`<!doctype html>
      <html lang="en">
        <title>${title}</title>
        <p>${withLinks(body, site)}</p>
        <p><small>${why}</small></p>
      </html>`,
  ),
});
