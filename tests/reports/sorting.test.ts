import { expect } from 'chai';
import {
  sorted,
  sortedAnswer,
  sortingOf,
  sortsOf,
} from '../../src/domains/reports/engine/reports.sorting.js';
import type { Column, ReportAnswer, Row } from '../../src/domains/reports/engine/reports.types.js';

const columns: readonly Column[] = [
  { name: 'name', type: 'text', title: 'Name', description: '' },
  { name: 'paid', type: 'money', title: 'Paid', description: '' },
  { name: 'when', type: 'text', title: 'When', description: '', order: 'own' },
];
const row = (name: string | null, paid: string | null): Row => ({ name, paid: paid, when: name });
const rows = [row('Édouard', '9.50'), row('Ward 10', '100.00'), row(null, null), row('Ward 9', '9.50')];

const namesBy = (sort: string) =>
  sorted(rows, sortingOf(columns, sort)!, (one) => one).map(({ name }) => name);

describe('sorted rows', () => {
  it('WEB-1: numbers by their size, words as in a dictionary, what is missing last, equal ones as they were', () => {
    expect(namesBy('paid')).deep.equal(['Édouard', 'Ward 9', 'Ward 10', null]);
    expect(namesBy('-paid')).deep.equal(['Ward 10', 'Édouard', 'Ward 9', null]);
    expect(namesBy('name')).deep.equal(['Édouard', 'Ward 9', 'Ward 10', null]);
    expect(namesBy('-name')).deep.equal(['Ward 10', 'Ward 9', 'Édouard', null]);
  });

  it('WEB-1: words that have an order of their own keep it', () => {
    expect(namesBy('when')).deep.equal(rows.map(({ name }) => name));
    expect(namesBy('-when')).deep.equal(rows.map(({ name }) => name).reverse());
  });

  it('REP-11: rows that are hidden stay the last, by whatever they are sorted', () => {
    const hidden = { ...row('A', null) };
    const answer = {
      columns,
      rows: [row('B', '1.00'), row('C', '2.00'), hidden],
      small_cells: { below: 5, hidden_rows: 1 },
    } as unknown as ReportAnswer;
    for (const sort of sortsOf(columns)) expect(sortedAnswer(answer, sort).rows.at(-1), sort).equal(hidden);
    expect(sortedAnswer(answer, undefined)).equal(answer);
  });
});
