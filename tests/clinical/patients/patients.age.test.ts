import { expect } from 'chai';
import fc from 'fast-check';
import { ageOn, dayIn, latestBirth } from '../../../src/domains/clinical/patients/patients.age.js';

const day = (text: string): Date => new Date(`${text}T00:00:00Z`);
const anyDay = (from: string, to: string) =>
  fc
    .integer({ min: day(from).getTime() / 86_400_000, max: day(to).getTime() / 86_400_000 })
    .map((days) => new Date(days * 86_400_000));

describe('the age of a patient', () => {
  it('PAT-1: changes on the birthday', () => {
    expect(ageOn(day('2026-06-14'), day('1980-06-15'))).to.equal(45);
    expect(ageOn(day('2026-06-15'), day('1980-06-15'))).to.equal(46);
    expect(ageOn(day('2026-06-15'), day('2026-06-15'))).to.equal(0);
  });

  it('PAT-1: of somebody born on 29 February changes on 1 March of other years', () => {
    expect(ageOn(day('2026-02-28'), day('1980-02-29'))).to.equal(45);
    expect(ageOn(day('2026-03-01'), day('1980-02-29'))).to.equal(46);
    expect(ageOn(day('2028-02-29'), day('1980-02-29'))).to.equal(48);
  });

  it('PAT-1: is unknown with the date of birth', () => {
    expect(ageOn(day('2026-02-28'), null)).to.equal(null);
  });

  it('PAT-1: an age gives a date of birth that has this age', () => {
    fc.assert(
      fc.property(anyDay('2020-01-01', '2032-12-31'), fc.integer({ min: 0, max: 130 }), (today, age) => {
        expect(ageOn(today, latestBirth(today, age))).to.equal(age);
      }),
    );
  });

  it('PAT-2: the bounds of an age range agree with the age itself, on any day', () => {
    const births = anyDay('1900-01-01', '2020-01-01');
    const ages = fc.integer({ min: 0, max: 130 });
    fc.assert(
      fc.property(anyDay('2020-01-01', '2032-12-31'), births, ages, (today, born, age) => {
        expect(born <= latestBirth(today, age)).to.equal(ageOn(today, born)! >= age);
      }),
      {
        examples: [
          [day('2024-02-29'), day('2004-03-01'), 20],
          [day('2023-02-28'), day('2004-02-29'), 19],
        ],
      },
    );
  });

  it('NET-1: today is a day of the zone', () => {
    const at = new Date('2026-03-01T02:00:00Z');
    expect(dayIn('UTC', at)).to.deep.equal(day('2026-03-01'));
    expect(dayIn('America/New_York', at)).to.deep.equal(day('2026-02-28'));
  });
});
