import {
  flag,
  instant,
  integer,
  listOf,
  nullable,
  optional,
  secret,
  shape,
  text,
} from '../../../lib/fields.js';

/** Six digits of the app, or a recovery code. */
const code = () => secret(40).description('Six digits of the app, or a recovery code.');

export const codeBody = shape({ code: code() });

export const signInByCodeBody = shape({
  challenge_token: secret(500),
  code: code(),
  device_token: optional(secret(300)),
});

export const enrolBody = shape({ password: secret(1000) });

export const disableBody = shape({ password: secret(1000), code: code() });

export const factorResponse = shape({
  since: nullable(instant()),
  is_demanded: flag(),
  recovery_codes_left: integer(0, 100),
});

export const enrolmentResponse = shape({
  secret: text(100),
  otpauth_uri: text(1000),
  qr_svg: text(100_000),
});

export const recoveryCodesResponse = shape({ recovery_codes: listOf(text(40), 10) });
