import { expect } from 'chai';
import { faultInUrl, pauseAfter, takes } from '../../../src/domains/messages/webhooks/webhooks.policy.js';

describe('the policy of webhooks', () => {
  it('SUP-9: takes https addresses of any host, on port 443 or from 1024 on', () => {
    for (const url of [
      'https://a.example',
      'https://a.example:8443/x?y=1',
      'https://a.example:443/',
      'https://1.1.1.1/',
    ])
      expect(faultInUrl(url, false), url).equal(undefined);
    for (const [url, fault] of [
      ['http://a.example/', /https/],
      ['ftp://a.example/', /https/],
      ['file:///etc/passwd', /https/],
      ['//a.example', /an address like/],
      ['https://', /an address like/],
      ['https://user@a.example/', /no user/],
      ['https://:secret@a.example/', /no user/],
      ['https://a.example/#x', /fragment/],
      ['https://a.example:22/', /port/],
      ['https://a.example:80/', /port/],
    ] as const)
      expect(faultInUrl(url, false), url).to.match(fault);
  });

  it('SUP-9: takes http where private hosts are allowed, and nothing else more', () => {
    expect(faultInUrl('http://127.0.0.1:3000/hook', true)).equal(undefined);
    expect(faultInUrl('ftp://a.example/', true)).to.match(/https/);
    expect(faultInUrl('http://user@a.example/', true)).to.match(/no user/);
  });

  it('SUP-9: tries eight times with growing pauses, each up to a fifth longer', () => {
    const kind = 'appointment.booked';
    const pauses = [1, 2, 3, 4, 5, 6, 7].map((n) => pauseAfter({ kind }, n, 0)!);
    expect(pauses[0]).equal(10_000);
    expect(pauses).deep.equal([...new Set(pauses)].sort((a, b) => a - b));
    expect(pauseAfter({ kind }, 1, 0.5)).equal(11_000);
    expect(pauseAfter({ kind }, 8, 0)).equal(null);
    expect(pauseAfter({ kind: 'webhook.test' }, 1, 0)).equal(null);
  });

  it('SUP-9: sends a webhook the kinds that it takes while it is on, and a test always', () => {
    const booked = 'appointment.booked';
    expect(takes({ is_active: true, kinds: null }, booked)).equal(true);
    expect(takes({ is_active: true, kinds: [booked] }, booked)).equal(true);
    expect(takes({ is_active: true, kinds: ['payment.paid'] }, booked)).equal(false);
    expect(takes({ is_active: false, kinds: null }, booked)).equal(false);
    expect(takes({ is_active: false, kinds: ['payment.paid'] }, 'webhook.test')).equal(true);
  });
});
