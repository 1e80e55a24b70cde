import { doseUnits, frequencies, type Dosage, type DoseUnit, type Frequency } from './prescriptions.types.js';

/*
 * Dosage and frequency as people write them, read into the vocabulary. What would lose something when read (a range, a
 * number of tablets inside of a frequency, two instructions at once) is not read: a wrong guess here is a wrong dose.
 */

const units: Readonly<Record<string, DoseUnit>> = {
  ...Object.fromEntries(doseUnits.map((unit) => [unit.toLowerCase(), unit])),
  ...{ mgs: 'mg', milligram: 'mg', milligrams: 'mg', gm: 'g', gram: 'g', grams: 'g' },
  ...{ µg: 'mcg', μg: 'mcg', ug: 'mcg', microgram: 'mcg', micrograms: 'mcg' },
  ...{ millilitre: 'ml', millilitres: 'ml', milliliter: 'ml', milliliters: 'ml' },
  ...{ 'i.u.': 'IU', 'international unit': 'IU', 'international units': 'IU', percent: '%', 'per cent': '%' },
  ...{
    tablets: 'tablet',
    tab: 'tablet',
    tabs: 'tablet',
    capsules: 'capsule',
    cap: 'capsule',
    caps: 'capsule',
  },
  ...{ puffs: 'puff', drops: 'drop', patches: 'patch', units: 'unit' },
};

const counts: Readonly<Record<string, number>> = {
  ...{
    a: 1,
    an: 1,
    one: 1,
    two: 2,
    three: 3,
    four: 4,
    five: 5,
    six: 6,
    seven: 7,
    eight: 8,
    nine: 9,
    ten: 10,
  },
  ...{ twelve: 12, 'twenty four': 24, half: 0.5, 'half a': 0.5, '1/2': 0.5, '1/4': 0.25, '3/4': 0.75 },
  ...{ '½': 0.5, '¼': 0.25, '¾': 0.75 },
};

export const dosageForms =
  'is not a dosage: write "500 mg", "1 tablet" or {"value": 500, "unit": "mg"}; units: ' +
  doseUnits.join(', ');

/** `500mg`, `500 mg`, `1 tablet`, `half a tablet`. Throws an Error that shows the forms. */
export function readDosage(text: string): Dosage {
  const plain = text.trim().toLowerCase().replaceAll(/\s+/g, ' ');
  const [, amount = '', word = ''] =
    /^(\d{1,7}(?:\.\d{1,6})?|[½¼¾]|[1-3]\/[24]|half a|[a-z]+)(?: ?(?<![a-z])| )([a-zµμ%. ]+)$/.exec(plain) ??
    [];
  const unit = Object.hasOwn(units, word) ? units[word] : undefined;
  const value = Object.hasOwn(counts, amount) ? counts[amount]! : Number(amount || NaN);
  if (unit === undefined || !(value > 0 && value <= 1_000_000)) throw new Error(dosageForms);
  return { value, unit };
}

export const frequencyForms =
  'is not a frequency: write "daily", "twice daily", "BID", "every 8 hours", "1-0-1", "at night", "as needed", ' +
  `how many times a day (1 to 24), or one of ${frequencies.join(', ')}`;

const phrases: readonly (readonly [Frequency, ...string[]])[] = [
  ['once', 'one time', 'one time only', 'once only', 'single dose', 'one dose', 'one off', 'stat', 'immediately'],
  [
    'once_daily', 'daily', 'every day', 'each day', 'od', 'qd', 'om', 'qam', 'qpm', 'mane', 'every morning',
    'in the morning', 'each morning', 'mornings', 'every evening', 'in the evening', 'each evening', 'at noon', 'every 1 day',
  ],
  ['twice_daily', 'bid', 'bd', 'bds', 'morning and evening', 'morning and night', 'in the morning and evening'],
  ['three_times_daily', 'tid', 'tds', 'thrice daily', 'morning noon and night'],
  ['four_times_daily', 'qid', 'qds'],
  [
    'every_other_day', 'alternate days', 'on alternate days', 'every second day', 'every 2 days', 'qod', 'eod', 'q2d', 'alternate day',
  ],
  ['weekly', 'once weekly', 'once a week', 'once per week', 'every week', 'each week', 'every 7 days', 'qw', '1 time a week'],
  ['monthly', 'once monthly', 'once a month', 'once per month', 'every month', 'each month', 'qm'],
  [
    'at_bedtime', 'at night', 'nightly', 'every night', 'each night', 'bedtime', 'before bed', 'before bedtime', 'before sleep',
    'hs', 'qhs', 'on', 'nocte', 'once at night', 'at bed time', 'once nightly',
  ],
  [
    'as_needed', 'prn', 'sos', 'as required', 'when needed', 'when required', 'if needed', 'if required', 'as necessary',
    'when necessary', 'as and when needed',
  ],
]; // prettier-ignore

const known = new Map<string, Frequency>(
  phrases.flatMap(([frequency, ...forms]) => forms.map((form) => [form, frequency] as const)),
);
for (const word of frequencies) known.set(word.replaceAll('_', ' '), word);

const perDay = (times: number): Frequency | undefined => {
  if (!Number.isInteger(times) || times < 1 || times > 24) return undefined;
  return (
    (['once_daily', 'twice_daily', 'three_times_daily', 'four_times_daily'] as const)[times - 1] ?? times
  );
};

/** Every so many hours: a word of the vocabulary, or the times a day when they come out even. */
function everyHours(hours: number): Frequency | undefined {
  const word = `every_${hours}_hours` as Frequency;
  if ((frequencies as readonly Frequency[]).includes(word)) return word;
  if (hours === 48) return 'every_other_day';
  return hours === 168 ? 'weekly' : perDay(24 / hours);
}

/** Morning-noon-evening(-night), one dose each: more than one at a time belongs in the dosage. */
function bySlots(text: string): Frequency | undefined {
  const parts = text.split(/ ?[-–+ ] ?/);
  if ((parts.length !== 3 && parts.length !== 4) || !parts.every((part) => part === '0' || part === '1'))
    return undefined;
  const taken = parts.filter((part) => part === '1').length;
  return taken === 1 && parts.at(-1) === '1' ? 'at_bedtime' : perDay(taken);
}

const numberWords: Readonly<Record<string, number>> = { ...counts, once: 1, twice: 2, thrice: 3 };
const numberOf = (text: string): number => numberWords[text] ?? Number(text);
const number = String.raw`(\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty four)`;
const hour = '(?:h|hr|hrs|hour|hours)';
const day = String.raw`(?:daily|(?:a|an|per|each|every|in a|\/) ?(?:d|day)|\/ ?24 ?h)`;
const everyPattern = new RegExp(
  `^(?:(?:every|each|q) ?${number} ?(?:${hour}|hourly|hrly)|${number} ?(?:hourly|hrly))$`,
);
const timesPattern = new RegExp(
  `^(?:(once|twice|thrice)|x ?${number}|${number}(?: ?x| times?| doses?)?) ?${day}$`,
);

/** Throws an Error that shows the forms. */
export function readFrequency(text: string): Frequency {
  const spaced = text.trim().toLowerCase().replaceAll(/\s+/g, ' ');
  const plain = spaced
    .replace(/^(?:[a-z0-9]\.)+[a-z0-9]?$/, (dotted) => dotted.replaceAll('.', ''))
    .replaceAll(/_|(?<=[a-z0-9])-(?=[a-z])/g, ' ')
    .replaceAll(/ +/g, ' ')
    .trim();
  const [, ...every] = everyPattern.exec(plain) ?? [];
  const [, ...times] = timesPattern.exec(plain) ?? [];
  const ofMatch = (groups: readonly (string | undefined)[]): number => numberOf(groups.find(Boolean) ?? '');
  const frequency =
    bySlots(spaced) ??
    known.get(plain) ??
    (/^(hourly|every hour|each hour|qh)$/.test(plain) ? 24 : undefined) ??
    (every.length > 0 ? everyHours(ofMatch(every)) : undefined) ??
    (times.length > 0 ? perDay(ofMatch(times)) : undefined);
  if (frequency === undefined) throw new Error(frequencyForms);
  return frequency;
}
