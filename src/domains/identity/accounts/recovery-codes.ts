import { createHash, randomBytes } from 'node:crypto';

const howMany = 10;
/** Crockford's: no sign is taken for another one. */
const signs = '0123456789abcdefghjkmnpqrstvwxyz';

/** Sixteen signs, 80 random bits: too many to try, so that a fast hash keeps them well. */
const newCode = (): string =>
  [...randomBytes(16)]
    .map((byte) => signs[byte % 32]!)
    .join('')
    .replace(/(.{4})(?!$)/g, '$1-');

export const newRecoveryCodes = (): string[] => Array.from({ length: howMany }, newCode);

/** Of a code as somebody types it. */
export const recoveryHash = (code: string): string =>
  createHash('sha256')
    .update(code.toLowerCase().replaceAll(/[\s-]/g, '').replaceAll('o', '0').replaceAll(/[il]/g, '1'))
    .digest('hex');
