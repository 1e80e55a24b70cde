import { availableParallelism } from 'node:os';
import * as nodeBcrypt from '@node-rs/bcrypt';
import pLimit from 'p-limit';
import { invalidField, Problem } from '../../../lib/errors.js';
import { emailKey } from './email.js';
import { guessesFor, leastGuesses, type RankOf } from './password-strength.js';

/** bcrypt reads no more; what is longer is refused, never cut short. */
const maxBytes = 72;
/** Hashes that may wait for their turn, about 20 s of work at cost 12; more are refused. */
const maxWaiting = 100;

const classes = [/\p{Ll}/u, /\p{Lu}/u, /\p{Nd}/u, /[^\p{Ll}\p{Lu}\p{Nd}]/u];

/** Throws `invalid_request` for a password that bcrypt would cut short. */
export function checkLength(password: string, pointer = '/body/password'): void {
  if (Buffer.byteLength(password) > maxBytes) {
    throw invalidField(pointer, `is longer than ${maxBytes} bytes in UTF-8, all that bcrypt reads`);
  }
}

/** What a password of the system and its people is made of first: tried before any list. */
const ofThisPlace = [
  ...[
    'hospital',
    'hospitals',
    'healthcare',
    'health',
    'smart',
    'smarthealthcare',
    'medical',
    'medicine',
    'clinic',
  ],
  ...['clinical', 'doctor', 'nurse', 'patient', 'patients', 'admin', 'administrator', 'manager', 'pharmacy'],
  ...[
    'pharmacist',
    'receptionist',
    'vendor',
    'customer',
    'courier',
    'surgery',
    'cardiology',
    'radiology',
    'ward',
  ],
  ...[
    'password',
    'passphrase',
    'passwort',
    'welcome',
    'changeme',
    'letmein',
    'login',
    'secret',
    'default',
    'demo',
  ],
  ...['january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september', 'october'],
  ...[
    'november',
    'december',
    'spring',
    'summer',
    'autumn',
    'winter',
    'monday',
    'tuesday',
    'wednesday',
    'thursday',
  ],
  ...['friday', 'saturday', 'sunday'],
];

/** Whose password it is: anybody who guesses knows as much of them. */
export interface PasswordOwner {
  readonly email: string;
  /** Their name, and the names of what they work for. */
  readonly names?: readonly string[];
}

const wordsOf = (text: string): string[] => emailKey(text).split(/[^\p{L}\p{N}]+/u);

/**
 * Why a password is too easy to guess, or null (AUTH-5). Length counts in code points; the password is taken to the
 * letter, without normalisation. `rankOf` is asked with words in lower case.
 */
export function weaknessOf(
  password: string,
  { email, names = [] }: PasswordOwner,
  rankOf: RankOf,
): string | null {
  const length = [...password].length;
  const kinds = classes.filter((kind) => kind.test(password)).length;
  if (length < 8 || (length < 12 && kinds < 3)) {
    return 'needs 12 characters, or 8 with three of: lower case, upper case, digits, others';
  }
  const lowerCase = password.toLowerCase();
  if (rankOf(lowerCase) !== undefined) return 'is on the list of common passwords';
  // What stands before a `+` names the person, what stands behind it the use.
  const localPart = emailKey(email).split(/[+@]/)[0]!;
  if (localPart.length >= 4 && lowerCase.includes(localPart)) return 'must not contain the name of the email';
  const known = [email, ...names].flatMap(wordsOf).filter((word) => word.length >= 3);
  const first = new Map([...known, ...ofThisPlace].map((word) => [word, 1]));
  if (guessesFor(password, (word) => first.get(word) ?? rankOf(word)) < leastGuesses)
    return 'is made of common words, names, years or runs of keys: use words that nobody would guess of you';
  return null;
}

let common: Promise<ReadonlyMap<string, number>> | undefined;

/** The 49,000 passwords that are tried first, from zxcvbn's list, by rank; read when the first password is set. */
function commonPasswords(): Promise<ReadonlyMap<string, number>> {
  common ??= import('@zxcvbn-ts/language-common').then(({ dictionary }) => {
    const ranked = [...dictionary['passwords-common']].map(
      (word, rank) => [word.toLowerCase(), rank] as const,
    );
    // Of two that differ in their case only the earlier counts.
    return new Map(ranked.reverse());
  });
  return common;
}

/** Throws `weak_password`, or `invalid_request` when it is too long. */
export async function checkPassword(password: string, owner: PasswordOwner): Promise<void> {
  checkLength(password);
  const list = await commonPasswords();
  const message = weaknessOf(password, owner, (candidate) => list.get(candidate));
  if (message === null) return;
  const pointer = '/body/password';
  throw new Problem('weak_password', `${pointer} ${message}`, { errors: [{ pointer, message }] });
}

export interface Passwords {
  hash(password: string): Promise<string>;
  /** `hash` null: there is no such account, and finding that out takes the same work. */
  verify(password: string, hash: string | null): Promise<boolean>;
}

/** What we use of the library. */
export interface Bcrypt {
  hash(this: void, password: string, cost: number): Promise<string>;
  verify(this: void, password: string, hash: string): Promise<boolean>;
}

/**
 * Hashes on the thread pool, at most one less at once than there are cores, so that a storm of logins leaves a core
 * to everybody else. `bcrypt` is an argument so that a test can count.
 */
export function createPasswords({ cost }: { cost: number }, bcrypt: Bcrypt = nodeBcrypt): Passwords {
  const turn = pLimit(Math.max(1, availableParallelism() - 1));
  // Well formed, of the same cost, and the hash of nothing that anybody knows.
  const nobody = `$2b$${String(cost).padStart(2, '0')}$${'.'.repeat(22)}${'.'.repeat(31)}`;
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    if (turn.pendingCount < maxWaiting) return turn(work);
    throw new Problem('too_many_requests', 'Too many people are signing in just now.', { retryAfter: 10 });
  };
  return {
    async hash(password) {
      return inTurn(() => bcrypt.hash(password, cost));
    },
    async verify(password, hash) {
      const matches = await inTurn(() => bcrypt.verify(password, hash ?? nobody));
      return matches && hash !== null;
    },
  };
}
