/**
 * Every refusal the API knows: its stable code, HTTP status and title (RFC 9457). The list is part of the API: the
 * OpenAPI document and `GET /problems/{code}` are made from it, and a client may switch on `code`.
 */
export const problems = {
  invalid_request: { status: 400, title: 'The request does not match its description' },
  malformed_json: { status: 400, title: 'The body is not well-formed JSON' },
  malformed_http: { status: 400, title: 'This is not HTTP as it is written down' },
  invalid_cursor: { status: 400, title: 'The cursor was not made by this list' },
  outside_booking_window: { status: 400, title: 'The time is in the past or too far ahead' },
  weak_password: { status: 400, title: 'The password is too easy to guess' },
  not_signed_in: { status: 401, title: 'A valid access token is needed' },
  wrong_credentials: { status: 401, title: 'Email or password is wrong' },
  refresh_token_refused: { status: 401, title: 'The refresh token is not valid any more' },
  forbidden: { status: 403, title: 'This role may not do that' },
  not_found: { status: 404, title: 'There is no such thing here' },
  method_not_allowed: { status: 405, title: 'This address does not take that method' },
  not_acceptable: { status: 406, title: 'This address has no such format' },
  request_too_slow: { status: 408, title: 'The request did not arrive in time' },
  already_exists: { status: 409, title: 'The id or name is taken' },
  email_taken: { status: 409, title: 'An account with this email exists' },
  still_in_use: { status: 409, title: 'Other records still depend on it' },
  step_not_allowed: { status: 409, title: 'The status does not allow this step' },
  stale_version: { status: 412, title: 'The record has changed since you read it' },
  body_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The body must be application/json' },
  unknown_reference: { status: 422, title: 'The request names a record that does not exist' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  headers_too_large: { status: 431, title: 'The address or the headers are too long' },
  internal_error: { status: 500, title: 'Something broke on our side' },
  unavailable: { status: 503, title: 'A database is not reachable just now' },
  timed_out: { status: 503, title: 'The answer took too long to compute' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof problems;

/** One thing that is wrong with the request: `pointer` names it (`/body/contact/email`, `/query/limit`). */
export interface FieldError {
  readonly pointer: string;
  readonly message: string;
}

export interface ProblemOptions {
  readonly errors?: readonly FieldError[];
  /** Extra members of the problem document, such as the nearest free slots. */
  readonly more?: Readonly<Record<string, unknown>>;
  /** Seconds, for `Retry-After`. */
  readonly retryAfter?: number;
}

/** A refusal that the client is told about. Anything else that is thrown is a 500 without details. */
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

/** The store's own answer to a second row under a unique key: thrown by repositories, told by services. */
export class UniqueViolation extends Error {
  override readonly name = 'UniqueViolation';

  /** `key` is the field (or fields) that must be unique, such as `email_key`. */
  constructor(readonly key: string) {
    super(`a record with this ${key} exists`);
  }
}
