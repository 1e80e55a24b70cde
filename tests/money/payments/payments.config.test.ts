import { expect } from 'chai';
import { ConfigError, readConfig } from '../../../src/config.js';

describe('the configuration of payments', () => {
  it('BILL-2: a rate, a limit or a policy that cannot be is refused by its name', () => {
    for (const [name, values] of Object.entries({
      GST_RATE: ['-1', '-0.01', '100.01', '1.005', 'x', 'NaN'],
      REFUND_APPROVAL_ABOVE: ['-1', '0.001', '1e15'],
      REFUND_POLICY: ['24:101', '24:-1', '24', ':50', '24:50,', 'x:y'],
      CURRENCY: ['usd', 'US', '€'],
    }))
      for (const value of values)
        expect(() => readConfig({ [name]: value }), `${name}=${value}`)
          .to.throw(ConfigError)
          .with.property('message')
          .that.includes(name);
  });

  it('BILL-2: rates are exact, and the policy is read with the most hours first', () => {
    const config = readConfig({
      GST_RATE: '12.5',
      GST_EXEMPT_SPECIALTIES: ' Paediatrics , Mental Health,',
      REFUND_APPROVAL_ABOVE: '250.5',
      REFUND_POLICY: '4:50,48:100,24:75',
    });
    expect(config.payments).to.deep.equal({
      currency: 'USD',
      gstRate: '12.50',
      gstExemptSpecialties: ['Paediatrics', 'Mental Health'],
      refundApprovalAbove: '250.50',
      ...{ approverHours: 24, provider: 'demo', callbackSecret: undefined },
    });
    expect(config.refundPolicy.map(({ hours, percent }) => [hours, percent])).to.deep.equal([
      [48, 100],
      [24, 75],
      [4, 50],
    ]);
  });
});
