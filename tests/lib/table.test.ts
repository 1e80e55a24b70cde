import { expect } from 'chai';
import { table } from '../../src/lib/table.js';

describe('table', () => {
  it('sets text to the left and numbers to the right, in Markdown', () => {
    const rows = [
      ['doctor by date', 1.5],
      ['all', 120],
    ] as const;
    expect(table(['query', 'ms'], rows).split('\n')).to.deep.equal([
      '| query          |  ms |',
      '| -------------- | --: |',
      '| doctor by date | 1.5 |',
      '| all            | 120 |',
    ]);
  });

  it('keeps a cell in its column, whatever it holds', () => {
    expect(table(['a', 'b'], [['x|y\nz', null]])).to.match(/\n\| x\\\|y z \| {5}\|$/);
  });
});
