import { expect } from 'chai';
import { addressKey } from '../../src/http/limits.js';

describe('the key that an address counts by', () => {
  const table: [address: string, key: string][] = [
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2:ffff:ffff:ffff:ffff', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ];
  for (const [address, key] of table) {
    it(`AUTH-6: ${address} counts as ${key}`, () => {
      expect(addressKey(address)).to.equal(key);
    });
  }

  it('AUTH-6: two writings of one network are one key, another network is another', () => {
    expect(addressKey('2001:DB8:1:2::1')).to.equal(addressKey('2001:db8:1:2::2'));
    expect(addressKey('2001:0db8:0001:0002::1')).to.equal(addressKey('2001:db8:1:2::1'));
    expect(addressKey('2001:db8:1:3::1')).to.not.equal(addressKey('2001:db8:1:2::1'));
  });
});
