import { problems, type Problem, type ProblemCode } from '../lib/errors.js';
import { html } from '../lib/html.js';
import type { View } from './page.js';

/** What a person needs to know who meets a refusal: what it means for them, and what they can do. */
const sentences: { readonly [C in ProblemCode]?: string } = {
  invalid_request: 'Something in the address or the form is not as it should be.',
  invalid_idempotency_key: 'The form is incomplete. Go back, load the page again and send it once more.',
  outside_booking_window: 'That time has passed, or is further ahead than the hospital books.',
  no_such_time: 'The clocks skip that time on that day.',
  not_found: 'There is no such page here. It may have been removed, or belong to somebody else.',
  feature_off: 'This hospital does not offer it here.',
  forbidden: 'You may not do that.',
  already_exists: 'There is a record of that kind already.',
  email_taken: 'There is an account with this email. Sign in to it instead.',
  link_expired: 'The time of this link is over. Ask for another one.',
  link_revoked: 'This link was revoked. Ask who gave it to you for another one.',
  link_not_valid: 'This link is used, or too old. Ask for another one.',
  last_admin: 'This is the last active admin: make another one first.',
  same_person: 'Another admin must do that.',
  provider_refused: 'It did not confirm who you are. Sign in again.',
  not_linked:
    'No account here goes with that one. Sign in with your password, or make an account with the same address and confirm it.',
  wrong_code: 'The code is wrong, or was used.',
  challenge_refused: 'That took too long. Sign in again.',
  second_factor_required: 'Show a code of your second factor again: see /my/code.',
  wrong_credentials: 'The email or the password is wrong.',
  weak_password: 'This password is too easy to guess.',
  step_not_allowed: 'The appointment has moved on in the meantime, and cannot be changed like that any more.',
  slot_taken: 'Somebody else has just taken that time.',
  patient_busy: 'You have another appointment at that time.',
  patient_deceased: 'Our records say that this patient has died. Ask the hospital if that is wrong.',
  too_many_webhooks: 'You have as many webhooks as an account may have. Remove one of them first.',
  too_many_bookings:
    'You have as many appointments as you can book here. The hospital can book more for you.',
  hold_expired: 'That time is not held for you any more, or is booked already.',
  too_many_holds: 'You are holding as many times as you can. Book or give back one of them first.',
  already_waiting: 'You are on the waiting list for that day already.',
  slots_are_free: 'There is no need to wait: a time on that day is free.',
  already_paid: 'This appointment is paid already. Nothing was charged a second time.',
  booking_not_payable: 'This appointment is cancelled or was missed, so there is nothing to pay.',
  idempotency_key_reused: 'This form was sent before with something else in it. Load the page again.',
  doctor_registration_expired: 'The doctor cannot be booked on that day.',
  doctor_not_accepting: 'The doctor takes no new appointments at the moment.',
  doctor_on_leave: 'The doctor is away on that day.',
  outside_availability: 'The doctor sees no patients at that time.',
  department_closed: 'The department is closed at that time.',
  off_slot_grid: 'No visit of this doctor begins at that time.',
  too_many_requests: 'That was too often in a short time. Wait a minute, then try again.',
  body_too_large: 'That is more text than fits.',
  internal_error: 'Something broke on our side. It is written down, and nothing was done by halves.',
  unavailable: 'We cannot reach our records just now. Try again in a moment: nothing was lost.',
  timed_out: 'The answer took too long. Try again in a moment.',
  figures_behind: 'The figures are being brought up to date. Try again in a moment.',
};

/** What a refusal says to a person. */
export const sentenceOf = ({ code }: Problem): string => sentences[code] ?? `${problems[code].title}.`;

const titles: Readonly<Record<number, string>> = {
  400: 'That did not work',
  403: 'Not for this account',
  404: 'Page not found',
  429: 'One moment, please',
  500: 'Something went wrong',
  503: 'Back in a moment',
};

const ways: Readonly<Record<string, string>> = {
  '/overview': 'Home',
  '/reports': 'All reports',
  '/book': 'Find a doctor',
  '/my/notices': 'Notices',
  '/home': 'Home',
  '/sign-in': 'Sign in',
};

/** A refusal that no form can show beside what was typed; `home` is where the one who reads it can begin again. */
export function problemPage(problem: Problem, home: string): View {
  const title =
    problem.code === 'feature_off' ? 'Turned off' : (titles[problem.status] ?? 'That is not possible');
  const said =
    problem.code === 'forbidden' && problem.detail !== undefined ? problem.detail : sentenceOf(problem);
  return {
    title,
    main: html`<div class="narrow">
      <h1>${title}</h1>
      <p class="lead">${said}</p>
      <p class="actions">
        <a class="button" href="${home}">${ways[home]}</a>
      </p>
    </div>`,
  };
}
