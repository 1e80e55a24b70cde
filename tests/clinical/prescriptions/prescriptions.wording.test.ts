import { expect } from 'chai';
import { frequencies } from '../../../src/domains/clinical/prescriptions/prescriptions.types.js';
import {
  dosageForms,
  frequencyForms,
  readDosage,
  readFrequency,
} from '../../../src/domains/clinical/prescriptions/prescriptions.wording.js';

const spellings = {
  once: ['once', 'Stat', 'STAT', 'single dose', 'one time', 'one-off'],
  once_daily: [
    ...['Daily', 'DAILY', ' daily ', 'once daily', 'Once a day', 'once per day', 'every day', 'each day', 'OD', 'o.d.', 'qd', 'Q.D.'],
    ...['1x daily', '1 time a day', 'one time per day', 'every 24 hours', 'q24h', 'every morning', 'in the morning', '1-0-0', '0-1-0'],
    ...['1/day', 'one a day', '1 daily'],
  ],
  twice_daily: [
    ...['twice daily', 'Twice a day', 'twice per day', 'BID', 'bid', 'b.i.d.', 'B.I.D', 'BD', '2 times a day', '2x daily', '2x/day'],
    ...['two times daily', 'x2 daily', '1-0-1', '1 - 0 - 1', '1–1–0', '1+0+1', '1-0-0-1', 'twice-daily', 'morning and evening'],
  ],
  three_times_daily: ['three times daily', '3 times a day', 'TDS', 'TID', 't.i.d.', 'thrice daily', '1-1-1', '3x/d', '3 x daily', '3 doses per day'],
  four_times_daily: ['QID', 'qds', 'q.i.d.', '4 times daily', 'four times a day', '1-1-1-1', '4 times/day'],
  every_4_hours: ['every 4 hours', 'q4h', 'Q4H', '4 hourly', 'every four hours'],
  every_6_hours: ['q6h', 'every 6 hrs', '6-hourly', 'every 6h', 'each 6 hours'],
  every_8_hours: ['q8h', 'q.8.h.', 'every 8 hours', 'Every 8 Hours', 'every eight hours', '8 hourly', '8 hrly', 'q 8 hrs', 'every 8 hourly'],
  every_12_hours: ['q12h', 'every 12 hours', '12-hourly', 'every twelve hours'],
  every_other_day: ['every other day', 'alternate days', 'QOD', 'eod', 'every 48 hours', 'every 2 days', 'every second day'],
  weekly: ['weekly', 'once a week', 'once weekly', 'every week', 'every 7 days'],
  monthly: ['monthly', 'once a month', 'every month'],
  at_bedtime: ['at night', 'At Night', 'at bedtime', 'HS', 'h.s.', 'qhs', 'nocte', 'nightly', 'before bed', '0-0-1', '0-0-0-1'],
  as_needed: ['as needed', 'PRN', 'p.r.n.', 'as required', 'SOS', 'when needed', 'if required'],
} as const; // prettier-ignore

describe('a frequency as people write it', () => {
  it('RX-1: is read into the vocabulary, in any case, with dots, hyphens and spaces', () => {
    const wrong: string[] = [];
    let read = 0;
    for (const [frequency, forms] of Object.entries(spellings))
      for (const form of [...forms, frequency, frequency.toUpperCase()]) {
        read += 1;
        try {
          if (readFrequency(form) !== frequency) wrong.push(`${form}: ${readFrequency(form)}`);
        } catch {
          wrong.push(`${form}: not read`);
        }
      }
    expect(wrong).deep.equal([]);
    expect(read).greaterThan(100);
    expect(Object.keys(spellings).sort()).deep.equal([...frequencies].sort());
  });

  it('RX-1: is how many times a day where the vocabulary has no word', () => {
    const forms = {
      '5 times a day': 5,
      'six times daily': 6,
      q2h: 12,
      'every 3 hours': 8,
      hourly: 24,
      q1h: 24,
    };
    for (const [form, times] of Object.entries(forms)) expect(readFrequency(form), form).equal(times);
  });

  it('RX-1: is refused with the forms where reading it would lose something', () => {
    const unreadable = [
      ...['', ' ', 'often', 'sometimes', 'BID PRN', 'every 6 hours as needed', 'every 4-6 hours', 'q5h', 'q0h', 'every 0 hours'],
      ...['2-0-2', '1-0-2', '0-0-0', '1-0', '1-1-1-1-1', '½-0-½', 'twice weekly', '3 times a week', '25 times a day', '0 times a day'],
      ...['1-2 times a day', 'every 5 days', 'twice daily for 5 days', 'constructor', '__proto__', 'toString', '7', 'x', 'q', 'daily daily'],
      ...['every -8 hours', 'every 8.5 hours', '1e1 times a day'],
    ]; // prettier-ignore
    for (const form of unreadable) expect(() => readFrequency(form), form).throw(frequencyForms);
    for (const shown of ['daily', 'BID', 'every 8 hours', '1-0-1', 'as_needed'])
      expect(frequencyForms).to.include(shown);
  });
});

describe('a dosage as people write it', () => {
  it('RX-1: is read into a value and its unit', () => {
    const forms: readonly (readonly [number, string, ...string[]])[] = [
      [500, 'mg', '500mg', '500 mg', '500 MG', ' 500  mg ', '500 milligrams', '500.0mg'],
      [1, 'tablet', '1 tablet', '1 tab', 'one tablet', 'a tablet', '1 Tablet'],
      [2, 'puff', '2 puffs', 'two puffs'],
      [0.5, 'tablet', 'half a tablet', '½ tablet', '1/2 tablet', '0.5 tablet', '0.5 tablets'],
      [50, 'mcg', '50mcg', '50 µg', '50 μg', '50 micrograms', '50ug'],
      [10, '%', '10%', '10 %', '10 percent'],
      [1000, 'IU', '1000 IU', '1000iu', '1000 international units'],
      [5, 'ml', '5ml', '5 mL', '5 millilitres'],
      [1.5, 'g', '1.5g', '1.5 grams'],
      [3, 'capsule', '3 caps', 'three capsules'],
      [4, 'drop', '4 drops'],
      [1, 'patch', '1 patch', 'a patch'],
      [20, 'unit', '20 units'],
    ];
    for (const [value, unit, ...spelled] of forms)
      for (const form of spelled) expect(readDosage(form), form).deep.equal({ value, unit });
  });

  it('RX-1: is refused with the forms where it cannot be read for sure', () => {
    const unreadable = [
      ...['', '500', 'mg', '1,000 mg', '0,5 mg', '-5 mg', '0 mg', '500 mg/5 ml', '1-2 tablets', '2000000 mg', '10 u', '5 spoons'],
      ...['500 mg twice daily', 'constructor mg', '1 constructor', '1e3 mg', '0x10 mg', 'NaN mg', 'Infinity mg', 'atablet'],
    ]; // prettier-ignore
    for (const form of unreadable) expect(() => readDosage(form), form).throw(dosageForms);
  });
});
