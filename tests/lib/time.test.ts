import { expect } from 'chai';
import { bookingTimePattern } from '../../src/domains/clinical/appointments/appointments.time.js';
import { dayOrInstant, instant } from '../../src/lib/fields.js';
import { isStorable } from '../../src/lib/text.js';
import { iso, isInYears } from '../../src/lib/time.js';

describe('times and text', () => {
  it('takes no offset that no zone has, wherever a time is taken', () => {
    const time = (offset: string): string => `2027-03-01T10:00:00${offset}`;
    const takes = (text: string): boolean[] => [
      new RegExp(`^${iso.dayOrInstant}$`).test(text),
      bookingTimePattern.test(text),
      instant().validate(text).error === undefined,
      dayOrInstant().validate(text).error === undefined,
    ];
    for (const offset of ['Z', '+05:30', '-23:59'])
      expect(takes(time(offset)), offset).deep.equal(Array(4).fill(true));
    for (const offset of ['', '+99:99', '+24:00', '-05:60'])
      expect(takes(time(offset)), offset).deep.equal(Array(4).fill(false));
  });

  it('takes the years from 1800 to 2200', () => {
    expect([1799, 1800, 2200, 2201].map(isInYears)).deep.equal([false, true, true, false]);
  });

  it('takes text that both stores give back', () => {
    expect(['', 'naïve 🩺', 'a\0b', 'a\ud83d'].map(isStorable)).deep.equal([true, true, false, false]);
  });
});
