import { expect } from 'chai';
import { median } from '../../src/lib/median.js';

describe('median', () => {
  it('is the middle one, or the mean of the two in the middle', () => {
    expect(median([9, 1, 5])).to.equal(5);
    expect(median([4, 1, 3, 100])).to.equal(3.5);
    expect(() => median([])).to.throw(RangeError);
  });
});
