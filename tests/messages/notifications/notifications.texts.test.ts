import { expect } from 'chai';
import fc from 'fast-check';
import { emailOf, textOf } from '../../../src/domains/messages/notifications/notifications.texts.js';
import { notificationKinds, type NewNotification } from '../../../src/contracts/notifications.js';
import { onClock } from '../../../src/lib/time.js';

const factsWith = (doctor: string) => ({
  doctor,
  name: `Busiest days of ${doctor}`,
  address: '/api/deliveries/DL1',
  why: 'The report takes no such parameter.',
  date: 'Mon 1 March 2027, 10:00 (UTC+00:00)',
  from: 'Fri 26 February 2027, 09:00 (UTC+00:00)',
  until: 'Mon 1 March 2027, 09:30 (UTC+00:00)',
  amount: 'USD 118.00',
  host: `${doctor}.example`,
  failures: '20',
  figure: `Visits of ${doctor}`,
  value: '3',
  target: 'at least 4',
});

/** Any kind: each finds the facts that it needs among these. */
const message = (kind: string, doctor: string) =>
  ({ kind, facts: factsWith(doctor) }) as unknown as Pick<NewNotification, 'kind' | 'facts'>;

describe('the texts of notifications', () => {
  it('SUP-9: say all that they are given, in each kind', () => {
    for (const kind of notificationKinds) {
      const { title, body } = textOf(message(kind, 'Dr Ada Test'));
      expect(title, kind).to.match(/^[A-Z][a-z ]+$/);
      expect(body, kind).to.include('Dr Ada Test').and.not.include('undefined');
    }
    expect(textOf(message('payment.refunded', 'Dr Ada Test')).body).to.equal(
      'USD 118.00 was refunded for the appointment with Dr Ada Test on Mon 1 March 2027, 10:00 (UTC+00:00).',
    );
  });

  it('SUP-9: stay one line whatever a name holds, and no part of it becomes markup or a subject', () => {
    const name = fc.string({ unit: 'binary', maxLength: 60 });
    const nasty = fc.constantFrom(
      '\r\nBcc: all@hospital.example\r\n',
      '<img src=x onerror=a>',
      '\u2028.\u202e',
      '&"\'',
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...notificationKinds),
        fc.array(fc.oneof(name, nasty), { minLength: 1, maxLength: 5 }),
        (kind, parts) => {
          const { title, body } = textOf(message(kind, parts.join('')));
          const { subject, text, html } = emailOf({ title, body }, 'https://care.example');
          expect(body).to.not.match(/[\p{Cc}\u2028\u2029\u202e]/u);
          expect(text.split('\n')[0]).to.equal(body);
          expect(subject).to.equal(textOf(message(kind, 'Dr Ada Test')).title);
          expect(html.match(/<[^>]*>/g)?.join(' ')).to.equal(
            '<!doctype html> <html lang="en"> <title> </title> <p> </p> <p> <small> </small> </p> </html>',
          );
        },
      ),
    );
  });

  it('REP-10: link to our own site, in its email, and to no other', () => {
    const site = 'https://care.example';
    const said = (address: string) =>
      emailOf({ title: 'x', body: `It is ready: ${address}, until then.` }, site);
    const own = `${site}/reports/deliveries/DL1?a=1&b=2`;
    const escaped = own.replace('&', '&amp;');
    expect(said(own).html).to.include(`<a href="${escaped}">${escaped}</a>, until`);
    expect(said(own).text).to.include(own);
    for (const other of [
      'https://care.example.evil/x',
      'http://care.example/x',
      'https://evil.example/https://care.example/x',
      'javascript:alert(1)',
      `${site}`,
    ])
      expect(said(other).html, other).to.not.include('<a');
  });

  it('SUP-9: tell times on the clock of the hospital, on both sides of a change of the clocks', () => {
    const zone = 'America/New_York';
    expect(onClock(new Date('2027-03-14T06:30:00Z'), zone)).to.equal('Sun 14 March 2027, 01:30 (UTC-05:00)');
    expect(onClock(new Date('2027-03-14T07:30:00Z'), zone)).to.equal('Sun 14 March 2027, 03:30 (UTC-04:00)');
  });
});
