import { expect } from 'chai';
import { isPublicAddress } from '../../src/lib/public-address.js';

describe('isPublicAddress', () => {
  it('SUP-9: takes addresses of hosts on the public internet, up to the edges of what is not', () => {
    const all = ['1.1.1.1', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '172.15.255.255'];
    for (const address of [
      ...all,
      '172.32.0.0',
      '192.167.0.1',
      '223.255.255.255',
      '2606:4700:4700::1111',
      '2a00::1',
    ])
      expect(isPublicAddress(address), address).equal(true);
  });

  it('SUP-9: takes none that is private, local, shared, reserved, for documentation, or of many hosts', () => {
    for (const address of [
      ...[
        '0.0.0.0',
        '10.0.0.1',
        '100.64.0.1',
        '100.127.255.255',
        '127.0.0.1',
        '127.255.255.255',
        '169.254.169.254',
      ],
      ...[
        '172.16.0.1',
        '172.31.255.255',
        '192.0.0.8',
        '192.0.2.1',
        '192.88.99.1',
        '192.168.1.1',
        '198.18.0.1',
      ],
      ...['198.51.100.7', '203.0.113.9', '224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255'],
      ...['::', '::1', 'fe80::1', 'fc00::1', 'fd12:3456::1', 'ff02::1', 'fec0::1', '100::1', '5f00::1'],
      ...['2001:db8::1', '2001::1', '2001:20::1', '3fff::1', '4000::1'],
    ])
      expect(isPublicAddress(address), address).equal(false);
  });

  it('SUP-9: takes no IPv6 address that holds an IPv4 one, a public one neither', () => {
    for (const address of [
      ...['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:8.8.8.8', '::127.0.0.1', '::ffff:0:8.8.8.8'],
      ...['64:ff9b::8.8.8.8', '64:ff9b::a00:1', '64:ff9b:1::a00:1', '2002:7f00:1::'],
    ])
      expect(isPublicAddress(address), address).equal(false);
  });

  it('SUP-9: takes nothing that is no address', () => {
    for (const text of [
      '',
      'localhost',
      'example.com',
      '127.1',
      '[::1]',
      '1.1.1.1/32',
      'fe80::1%eth0',
      '1.1.1.1 ',
    ])
      expect(isPublicAddress(text), text).equal(false);
  });
});
