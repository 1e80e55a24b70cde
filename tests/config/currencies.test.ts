import { expect } from 'chai';
import { testConfig } from '../support/api.js';

describe('CURRENCY', () => {
  it('BILL-8: takes what has two decimals by ISO 4217, and refuses the others and what is no currency', () => {
    const refused = 'JPY KRW VND CLP XAF ISK KWD BHD OMR TND JOD IQD LYD CLF UYW QQQ usd'.split(' ');
    for (const CURRENCY of refused) expect(() => testConfig({ CURRENCY }), CURRENCY).to.throw('CURRENCY');
    for (const CURRENCY of 'USD EUR INR GBP MXN CHF'.split(' '))
      expect(testConfig({ CURRENCY }).payments.currency).equal(CURRENCY);
  });
});
