import { expect } from 'chai';
import { diffIndexes, type DeclaredIndex, type PresentIndex } from '../../src/databases/index-diff.js';

const store = 'mongodb' as const;

function present(name: string, key: readonly string[], more: Partial<PresentIndex> = {}): PresentIndex {
  const counted = { uses: 7, since: new Date('2026-11-01T00:00:00Z') };
  const flags = { complete: true, special: false, builtIn: false, invalid: false };
  return {
    ...{ store, place: 'visits', name, definition: key.join(), key, included: [] },
    ...counted,
    ...flags,
    ...more,
  };
}

const declare = ({ place, name, definition }: PresentIndex): DeclaredIndex => ({
  ...{ store, place, name, definition },
  serves: 'a test',
});

/** `name finding detail`, one a line. */
const told = (declared: readonly DeclaredIndex[], there: readonly PresentIndex[]): string[] =>
  diffIndexes(declared, there).map(({ name, finding, detail }) => `${name} ${finding}: ${detail}`);

describe('diffIndexes', () => {
  const doctorDate = present('doctor_date', ['doctor', 'date']);

  it('DBA-1: finds nothing when all that is declared is there and read', () => {
    expect(
      told([declare(doctorDate)], [doctorDate, present('_id_', ['_id'], { builtIn: true })]),
    ).to.deep.equal([]);
  });

  it('DBA-1: tells a missing one with what it serves, and an extra one', () => {
    const other = present('other', ['status']);
    expect(told([declare(doctorDate)], [other])).to.deep.equal([
      'doctor_date missing: serves a test',
      'other extra: nothing declares it',
    ]);
  });

  it('DBA-1: tells one whose options differ with what is declared', () => {
    const declared = { ...declare(doctorDate), definition: 'doctor,date unique' };
    expect(told([declared], [doctorDate])).to.deep.equal([
      'doctor_date different: declared doctor,date unique',
    ]);
  });

  it('DBA-1: names the index of which a redundant one is the prefix, in either direction', () => {
    const doctor = present('doctor', ['-doctor']);
    expect(told([doctorDate, doctor].map(declare), [doctor, doctorDate])).to.deep.equal([
      'doctor redundant: doctor_date answers all that it can',
    ]);
    const mixed = present('mixed', ['-doctor', 'date']);
    expect(told([mixed, doctorDate].map(declare), [mixed, doctorDate])).to.deep.equal([]);
  });

  it('DBA-1: of two equal ones the declared one stays', () => {
    const twin = present('a_twin', ['doctor', 'date']);
    expect(told([declare(doctorDate)], [twin, doctorDate])).to.deep.equal([
      'a_twin extra: nothing declares it',
      'a_twin redundant: doctor_date answers all that it can',
    ]);
  });

  it('DBA-1: what keeps a rule is neither redundant nor unused, and what leaves rows out covers nothing', () => {
    const unique = present('unique', ['doctor'], { special: true, uses: 0 });
    const partial = present('partial', ['doctor', 'date', 'x'], { complete: false });
    expect(told([unique, doctorDate, partial].map(declare), [unique, doctorDate, partial])).to.deep.equal([]);
  });

  it('DBA-1: a prefix that carries a column of its own is not redundant', () => {
    const carries = present('carries', ['doctor'], { included: ['cost'] });
    expect(told([carries, doctorDate].map(declare), [carries, doctorDate])).to.deep.equal([]);
  });

  it('DBA-1: tells an unused one with the time since when, and an invalid one', () => {
    const idle = present('idle', ['reason'], { uses: 0 });
    const broken = present('broken', ['status'], { invalid: true, uses: null });
    expect(told([idle, broken].map(declare), [idle, broken])).to.deep.equal([
      'broken invalid: its build was broken off: it is kept up and never read',
      'idle unused: no read since 2026-11-01T00:00:00.000Z',
    ]);
  });
});
