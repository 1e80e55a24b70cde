import { fold, nameWords } from '../../../lib/names.js';
import type { Agreement, ComparedField, Reason } from './duplicates.types.js';

/*
 * Whether two records are one patient's, after I. P. Fellegi and A. B. Sunter, "A Theory for Record Linkage", Journal of the American
 * Statistical Association 64 (1969): each field adds log2(m / u), where m is how often the records of one patient agree so far, and u
 * how often those of two do by chance. `u` of a date is one of 80 years' days. The others are estimates and on the careful side (people of
 * one household share a telephone); only their orders of magnitude matter. A field that one of the two does not know says nothing.
 */

export interface Subject {
  readonly name: string;
  readonly date_of_birth: Date | null;
  readonly date_of_birth_estimated: boolean;
  readonly sex: string;
  /** These three are compared by keys that say nothing of what they are made of; null: not known. */
  readonly phone: string | null;
  readonly email: string | null;
  readonly national_id?: string | null;
}

const oneDay = 1 / (80 * 365.25);

const chances: Readonly<Record<ComparedField, Partial<Record<Agreement, { m: number; u: number }>>>> = {
  name: {
    same: { m: 0.85, u: 0.000_5 },
    similar: { m: 0.11, u: 0.002 },
    different: { m: 0.04, u: 0.997_5 },
  },
  date_of_birth: {
    same: { m: 0.9, u: oneDay },
    swapped: { m: 0.03, u: oneDay },
    similar: { m: 0.03, u: 0.005 },
    different: { m: 0.04, u: 0.995 },
  },
  sex: { same: { m: 0.98, u: 0.5 }, different: { m: 0.02, u: 0.5 } },
  phone: { same: { m: 0.6, u: 0.001 }, different: { m: 0.4, u: 0.999 } },
  email: { same: { m: 0.6, u: 0.000_5 }, different: { m: 0.4, u: 0.999_5 } },
  national_id: { same: { m: 0.98, u: 1e-7 }, different: { m: 0.02, u: 1 } },
};

/** From so many bits on, a pair is shown to somebody: a name and a birth date with its day and month swapped come to it. */
export const leastScore = 15;

/** One letter more, less, other, or two that changed places. */
function isSlip(a: string, b: string): boolean {
  const [short, long] = a.length <= b.length ? [[...a], [...b]] : [[...b], [...a]];
  if (long.length < 4 || long.length - short.length > 1) return false;
  let at = 0;
  while (at < short.length && short[at] === long[at]) at += 1;
  const rest = (letters: readonly string[], from: number): string => letters.slice(from).join('');
  if (short.length < long.length) return rest(short, at) === rest(long, at + 1);
  if (rest(short, at + 1) === rest(long, at + 1)) return true;
  const isSwap = short[at] === long[at + 1] && short[at + 1] === long[at];
  return isSwap && rest(short, at + 2) === rest(long, at + 2);
}

const wordsOf = (name: string): string[] => nameWords(name).toSorted();

/** In any order, without accents and case. Similar: two words or more are alike but for a slip, and one has no other word of its own. */
function nameAgreement(a: string, b: string): Agreement {
  const [mine, theirs] = [wordsOf(a), wordsOf(b)];
  if (mine.join(' ') === theirs.join(' ')) return 'same';
  const [few, many] = mine.length <= theirs.length ? [mine, [...theirs]] : [theirs, [...mine]];
  for (const word of few) {
    const at = many.findIndex((other) => other === word || isSlip(other, word));
    if (at < 0) return 'different';
    many.splice(at, 1);
  }
  return few.length > 1 ? 'similar' : 'different';
}

const partsOf = (day: Date): [number, number, number] =>
  [...[day.getUTCFullYear(), day.getUTCMonth() + 1, day.getUTCDate()]] as [number, number, number];

/** Similar: the year, the month or the day alone is another. */
function dateAgreement(a: Date, b: Date): Agreement {
  const [mine, theirs] = [partsOf(a), partsOf(b)];
  const others = mine.filter((part, at) => part !== theirs[at]).length;
  if (others === 0) return 'same';
  if (mine[0] === theirs[0] && mine[1] === theirs[2] && mine[2] === theirs[1]) return 'swapped';
  return others === 1 ? 'similar' : 'different';
}

const equal = <T>(a: T | null | undefined, b: T | null | undefined): Agreement | null =>
  (a ?? null) === null || (b ?? null) === null ? null : a === b ? 'same' : 'different';

function agreementsOf(a: Subject, b: Subject): Partial<Record<ComparedField, Agreement | null>> {
  const isKnown = ({ date_of_birth, date_of_birth_estimated }: Subject): boolean =>
    date_of_birth !== null && !date_of_birth_estimated;
  const sexOf = ({ sex }: Subject): string | null => (sex === 'unknown' ? null : sex);
  return {
    name: nameAgreement(a.name, b.name),
    date_of_birth: isKnown(a) && isKnown(b) ? dateAgreement(a.date_of_birth!, b.date_of_birth!) : null,
    sex: equal(sexOf(a), sexOf(b)),
    phone: equal(a.phone, b.phone),
    email: equal(a.email, b.email),
    national_id: equal(a.national_id, b.national_id),
  };
}

const rounded = (bits: number): number => Math.round(bits * 10) / 10;

/** Bits for it that the two are one patient's, above zero, or against it; the same whichever comes first. */
export function score(a: Subject, b: Subject): { score: number; reasons: Reason[] } {
  const reasons = Object.entries(agreementsOf(a, b)).flatMap(([name, agreement]): Reason[] => {
    if (!agreement) return [];
    const field = name as ComparedField;
    const { m, u } = chances[field][agreement]!;
    return [{ field, agreement, weight: rounded(Math.log2(m / u)) }];
  });
  return { score: rounded(reasons.reduce((sum, { weight }) => sum + weight, 0)), reasons };
}

/**
 * Keys of a record: only those that share one are compared. A name in any order; a birth date, its day and month either way round, with
 * the first letters of the name; a telephone number; an email; a national id.
 */
export function matchKeys(subject: Subject): string[] {
  const { date_of_birth, phone, email, national_id = null } = subject;
  const words = wordsOf(subject.name);
  const keys = [`n ${words.join(' ')}`];
  if (date_of_birth && !subject.date_of_birth_estimated) {
    const [year, month, day] = partsOf(date_of_birth);
    const initials = words.map((word) => [...word][0]).join('');
    keys.push(`d ${year} ${Math.min(month, day)} ${Math.max(month, day)} ${initials}`);
  }
  if (phone !== null) keys.push(`p ${phone}`);
  if (email !== null) keys.push(`e ${email}`);
  if (national_id !== null) keys.push(`i ${national_id}`);
  return keys;
}

/** An email as it is compared. */
export const plainEmail = (email: string): string => fold(email.trim());
