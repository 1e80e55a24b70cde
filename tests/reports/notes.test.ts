import { expect } from 'chai';
import { reportCatalogue } from '../../src/domains/reports/engine/index.js';
import { fromCents } from '../../src/lib/money.js';
import { noteLines, notesOf } from '../../src/domains/reports/engine/reports.notes.js';

const than = { about: 'billed', than: 'revenue' };
const report = {
  counts_differently: [
    { ...than, why: 'Some are left out.', leftOut: ({ left }: { left: bigint }) => fromCents(left) },
    { ...than, why: 'Others count.' },
  ],
};
const columns = [{ name: 'billed', type: 'money', title: 'Billed', description: '' }] as const;

describe('what is said beside figures that another report counts otherwise', () => {
  it('REP-13: the sum that is left out, and why; nothing where none is', () => {
    const notes = notesOf(report, { left: 10_996_750n });
    expect(noteLines({ notes, columns })).deep.equal([
      'Billed leaves out 109,967.50: Some are left out.',
      'Billed: Others count.',
    ]);
    expect(notesOf(report, { left: 0n })).deep.equal([{ ...than, why: 'Others count.' }]);
  });

  it('REP-11, REP-13: no sum where the receipt is not told', () => {
    expect(notesOf(report, undefined).map(({ left_out }) => left_out)).deep.equal([undefined, undefined]);
  });

  it('REP-13: each is about a column of its report, and leads to another report', () => {
    for (const { id, columns: own, counts_differently = [] } of reportCatalogue)
      for (const { about, than: other, why } of counts_differently) {
        expect(
          own.map(({ name }) => name),
          id,
        ).include(about);
        expect(
          reportCatalogue.map((one) => one.id).filter((one) => one !== id),
          id,
        ).include(other);
        expect(why, id).match(/\.$/);
      }
  });
});
