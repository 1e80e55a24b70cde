/**
 * Every refusal the API knows: its stable code, HTTP status and title (RFC 9457). The list is part of the API: the
 * OpenAPI document and `GET /problems/{code}` are made from it, and a client may switch on `code`.
 */
export const problems = {
  invalid_request: { status: 400, title: 'The request does not match its description' },
  malformed_json: { status: 400, title: 'The body is not well-formed JSON' },
  malformed_text: { status: 400, title: 'The text is not well-formed UTF-8' },
  malformed_http: { status: 400, title: 'This is not HTTP as it is written down' },
  invalid_cursor: { status: 400, title: 'The cursor was not made by this list' },
  outside_booking_window: { status: 400, title: 'The time is in the past or too far ahead' },
  no_such_time: { status: 400, title: 'The calendar or the clocks do not have this time' },
  invalid_idempotency_key: { status: 400, title: 'The Idempotency-Key cannot be used' },
  weak_password: { status: 400, title: 'The password is too easy to guess' },
  not_signed_in: { status: 401, title: 'A valid access token is needed' },
  wrong_credentials: { status: 401, title: 'Email or password is wrong' },
  code_required: { status: 401, title: 'The password is right; a code of the second factor is needed too' },
  wrong_code: { status: 401, title: 'The code is wrong, or was used' },
  challenge_refused: { status: 401, title: 'The sign-in took too long: begin again' },
  provider_refused: { status: 401, title: 'The provider has not confirmed who you are' },
  not_linked: { status: 403, title: 'No account here goes with that one' },
  refresh_token_refused: { status: 401, title: 'The refresh token is not valid any more' },
  forbidden: { status: 403, title: 'This role may not do that' },
  second_factor_due: { status: 403, title: 'This role needs a second factor: set it up first' },
  second_factor_required: { status: 403, title: 'Show a code of your second factor again for this' },
  small_count: { status: 403, title: 'It would tell a count of few people, which is hidden from this role' },
  break_glass_needed: { status: 403, title: 'The record opens to another doctor by Break-Glass only' },
  same_person: { status: 403, title: 'Somebody else must approve it' },
  new_approver: { status: 403, title: 'This account is too new to approve what others ask for' },
  pay_at_desk: { status: 403, title: 'Cash and bank transfers are taken at the desk of the hospital' },
  callback_refused: { status: 401, title: 'The callback is not signed by the provider, or is too old' },
  not_found: { status: 404, title: 'There is no such thing here' },
  feature_off: { status: 404, title: 'This feature is turned off here' },
  method_not_allowed: { status: 405, title: 'This address does not take that method' },
  not_acceptable: { status: 406, title: 'This address has no such format' },
  request_too_slow: { status: 408, title: 'The request did not arrive in time' },
  already_exists: { status: 409, title: 'The id or name is taken' },
  email_taken: { status: 409, title: 'An account with this email exists' },
  step_done: { status: 409, title: 'This step is done already' },
  last_admin: { status: 409, title: 'The last active admin stays one' },
  still_in_use: { status: 409, title: 'Other records still depend on it' },
  step_not_allowed: { status: 409, title: 'The status does not allow this step' },
  slot_taken: { status: 409, title: 'The slot is taken' },
  patient_deceased: { status: 409, title: 'The patient has died' },
  merge_refused: { status: 409, title: 'These records cannot be merged, or parted, as they stand' },
  patient_busy: { status: 409, title: 'The patient has another visit at that time' },
  too_many_bookings: { status: 409, title: 'The patient has enough visits to come' },
  hold_expired: { status: 409, title: 'The hold has run out, or is used' },
  too_many_holds: { status: 409, title: 'The patient holds enough slots already' },
  already_waiting: { status: 409, title: 'The patient waits for that day already' },
  slots_are_free: { status: 409, title: 'There is no need to wait: a slot of that day is free' },
  already_paid: { status: 409, title: 'The booking is paid' },
  payment_pending: { status: 409, title: 'A card payment waits for its confirmation' },
  not_paid: { status: 409, title: 'The payment is not confirmed: there is nothing to give back' },
  no_card_payments: { status: 409, title: 'Cards are not taken here: pay at the desk' },
  callback_mismatch: { status: 409, title: 'The callback is about another amount than was asked for' },
  refund_waits: { status: 409, title: 'The refund of the cancellation waits for its approval' },
  booking_not_payable: { status: 409, title: 'The booking is cancelled or was missed, and cannot be paid' },
  booking_is_paid: { status: 409, title: 'Money was paid for it: cancel it or refund the payment first' },
  refund_exceeds_payment: { status: 409, title: 'The refund is more than what is left of the payment' },
  already_refunded: { status: 409, title: 'All of the payment is refunded' },
  transaction_voided: { status: 409, title: 'The transaction is void' },
  transaction_refunded: { status: 409, title: 'A payment that was refunded cannot be voided' },
  approval_needed: { status: 409, title: 'The sum is so high that it needs a refund with an approval' },
  leave_has_visits: { status: 409, title: 'The doctor has visits on days of the leave' },
  refund_decided: { status: 409, title: 'The refund is decided already' },
  too_many_saved_reports: { status: 409, title: 'The user has enough saved reports' },
  too_many_deliveries: { status: 409, title: 'The user has enough deliveries that are not made yet' },
  saved_report_outdated: { status: 409, title: 'The saved report asks for what is not there any more' },
  too_many_webhooks: { status: 409, title: 'The user has enough webhooks' },
  too_many_jobs: { status: 409, title: 'The user has enough jobs that are not done yet' },
  too_many_targets: { status: 409, title: 'There are enough targets' },
  too_many_links: { status: 409, title: 'The user has enough links that are good' },
  patient_merged: { status: 410, title: 'The record has become a part of another one' },
  link_expired: { status: 410, title: 'The time of the link is over' },
  link_revoked: { status: 410, title: 'The link was revoked' },
  link_not_valid: { status: 410, title: 'The link is used, has expired, or was never given' },
  stale_version: { status: 412, title: 'The record has changed since you read it' },
  body_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The body must be application/json' },
  unknown_reference: { status: 422, title: 'The request names a record that does not exist' },
  idempotency_key_reused: { status: 422, title: 'The Idempotency-Key belongs to another request' },
  doctor_registration_expired: {
    status: 422,
    title: 'The registration of the doctor is not valid on that day',
  },
  doctor_not_accepting: { status: 422, title: 'The doctor takes no new appointments' },
  doctor_on_leave: { status: 422, title: 'The doctor is on leave on that day' },
  outside_availability: { status: 422, title: 'The doctor is not available at that time' },
  department_closed: { status: 422, title: 'The department is closed at that time' },
  off_slot_grid: { status: 422, title: 'No slot of the doctor begins at that time' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  headers_too_large: { status: 431, title: 'The address or the headers are too long' },
  internal_error: { status: 500, title: 'Something broke on our side' },
  unavailable: { status: 503, title: 'A database is not reachable just now' },
  trail_unavailable: {
    status: 503,
    title: 'The trail cannot be written just now, and no record is shown without it',
  },
  busy: { status: 503, title: 'Too many such requests are being worked on' },
  timed_out: { status: 503, title: 'The answer took too long to compute' },
  figures_behind: { status: 503, title: 'The figures are behind the records' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof problems;

/** One thing that is wrong with the request: `pointer` names it (`/body/contact/email`, `/query/limit`). */
export interface FieldError {
  readonly pointer: string;
  readonly message: string;
}

interface ProblemOptions {
  readonly errors?: readonly FieldError[];
  /** Extra members of the problem document, such as the nearest free slots. */
  readonly more?: Readonly<Record<string, unknown>>;
  /** Seconds, for `Retry-After`. */
  readonly retryAfter?: number;
}

/** A refusal that the client sees. Anything else that is thrown is a 500 without details. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;

  constructor(
    readonly code: ProblemCode,
    readonly detail?: string,
    readonly options: ProblemOptions = {},
  ) {
    super(detail ?? problems[code].title);
    this.status = problems[code].status;
  }
}

/** One field is wrong: 400 that names it. */
export function invalidField(pointer: string, message: string): Problem {
  return new Problem('invalid_request', `${pointer} ${message}`, { errors: [{ pointer, message }] });
}

/** `notFound('patient')`: the answer is the same whether it does not exist or is not yours to see. */
export function notFound(what: string): Problem {
  return new Problem('not_found', `There is no such ${what}.`);
}

/** The store's own answer to a second row under a unique key: thrown by repositories, turned into a problem by services. */
export class UniqueViolation extends Error {
  override readonly name = 'UniqueViolation';

  /** `key` is the field (or fields) that must be unique, such as `email_key`. */
  constructor(readonly key: string) {
    super(`a record with this ${key} exists`);
  }
}
