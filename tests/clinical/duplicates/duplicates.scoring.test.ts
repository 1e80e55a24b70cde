import { expect } from 'chai';
import fc from 'fast-check';
import {
  leastScore,
  matchKeys,
  score,
  type Subject,
} from '../../../src/domains/clinical/duplicates/duplicates.scoring.js';

const day = (text: string): Date => new Date(`${text}T00:00:00Z`);
const asha: Subject = {
  ...{ name: 'Asha Nuñez Rao', date_of_birth: day('1984-03-09'), date_of_birth_estimated: false },
  ...{ sex: 'female', phone: 'k1', email: null },
};
const agreementOf = (other: Partial<Subject>, field: string): string | undefined =>
  score(asha, { ...asha, ...other }).reasons.find((reason) => reason.field === field)?.agreement;

describe('the score of two records', () => {
  it('PAT-7: folds the accents, the case and the order of a name, and forgives a slip and a name that is left out', () => {
    expect(agreementOf({ name: 'RAO, asha nunez' }, 'name')).to.equal('same');
    for (const name of ['Asha Nunes Rao', 'Asha Nnuez Rao', 'Asha Rao', 'Asha Nuñezz Rao'])
      expect(agreementOf({ name }, 'name'), name).to.equal('similar');
    for (const name of ['Asha', 'Asha Patel', 'Isha Nuñez Roy'])
      expect(agreementOf({ name }, 'name'), name).to.equal('different');
  });

  it('PAT-7: sees a birth date whose day and month are swapped, and one that differs in one part', () => {
    expect(agreementOf({}, 'date_of_birth')).to.equal('same');
    expect(agreementOf({ date_of_birth: day('1984-09-03') }, 'date_of_birth')).to.equal('swapped');
    for (const other of ['1948-03-09', '1984-03-19', '1984-08-09'])
      expect(agreementOf({ date_of_birth: day(other) }, 'date_of_birth'), other).to.equal('similar');
    expect(agreementOf({ date_of_birth: day('1990-12-09') }, 'date_of_birth')).to.equal('different');
  });

  it('PAT-7: what one of them does not know says nothing, nor does a date that was worked out from an age', () => {
    const fields = score(asha, {
      ...asha,
      phone: null,
      sex: 'unknown',
      date_of_birth_estimated: true,
    }).reasons;
    expect(fields.map(({ field }) => field)).to.deep.equal(['name']);
  });

  it('PAT-7: shows the pairs that somebody should look at, and no namesakes', () => {
    const scoreOf = (other: Partial<Subject>): number => score(asha, { ...asha, ...other }).score;
    for (const other of [
      { phone: null },
      { phone: 'k2' },
      { phone: null, date_of_birth: day('1984-09-03') },
      { date_of_birth: null },
      { name: 'Asha Rao', phone: null },
      { name: 'Quite Another', date_of_birth: day('1999-12-12'), national_id: 'n' },
    ])
      expect(
        score({ ...asha, national_id: 'n' }, { ...asha, ...other }).score,
        JSON.stringify(other),
      ).to.be.least(leastScore);
    for (const other of [
      { date_of_birth: day('1990-12-01'), phone: null },
      { name: 'Ben Okri', sex: 'male' },
      { name: 'Ben Okri', phone: null },
    ])
      expect(scoreOf(other), JSON.stringify(other)).to.be.below(leastScore);
  });

  it('PAT-7: is the same whichever comes first, and whoever scores high shares a key', () => {
    const words = fc.constantFrom('Asha', 'Ása', 'Rao', 'Roa', 'Nuñez', 'Nunez', 'Ben', 'Okri', 'Åse');
    const subject = fc.record({
      name: fc.array(words, { minLength: 1, maxLength: 3 }).map((list) => list.join(' ')),
      date_of_birth: fc.option(
        fc.constantFrom('1984-03-09', '1984-09-03', '1984-03-19', '1990-12-01').map(day),
      ),
      date_of_birth_estimated: fc.constant(false),
      sex: fc.constantFrom('female', 'male', 'unknown'),
      phone: fc.option(fc.constantFrom('k1', 'k2')),
      email: fc.option(fc.constantFrom('e1', 'e2')),
    });
    fc.assert(
      fc.property(subject, subject, (a, b) => {
        expect(score(a, b)).to.deep.equal(score(b, a));
        // All that agree in a name or a contact do; a date alone never is enough.
        const same = score(a, b).reasons.some(
          ({ field, agreement }) => field !== 'sex' && field !== 'date_of_birth' && agreement === 'same',
        );
        const keys = new Set(matchKeys(a));
        if (same) expect(matchKeys(b).some((key) => keys.has(key))).to.equal(true);
      }),
    );
  });
});
