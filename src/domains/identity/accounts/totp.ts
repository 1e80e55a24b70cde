import { Secret, TOTP } from 'otpauth';

/** RFC 6238 as every app for it knows it: SHA-1, six digits, 30 seconds. */
const parameters = { algorithm: 'SHA1', digits: 6, period: 30 } as const;
/** A clock may be one step off, either way (RFC 6238, section 5.2). */
const window = 1;

const totpOf = (secret: string, label = ''): TOTP =>
  new TOTP({ ...parameters, issuer: 'Smart Healthcare', label, secret: Secret.fromBase32(secret) });

/** 160 random bits in base 32 (RFC 4226, section 4). */
export const newTotpSecret = (): string => new Secret({ size: 20 }).base32;

/** What an app is set up with, `otpauth://totp/…`. */
export const totpUri = (secret: string, label: string): string => totpOf(secret, label).toString();

/** The code of that moment. */
export const totpCode = (secret: string, at: Date): string =>
  totpOf(secret).generate({ timestamp: at.getTime() });

/** The step that the code is of, a number that grows; null when it is not of now, one before, or one after. */
export function totpStep(secret: string, code: string, at: Date): number | null {
  // The library compares lengths in characters, then bytes: other digits than ours would make it throw.
  if (!/^\d{6}$/.test(code)) return null;
  const delta = totpOf(secret).validate({ token: code, timestamp: at.getTime(), window });
  return delta === null ? null : Math.floor(at.getTime() / 1000 / parameters.period) + delta;
}
