import { expect } from 'chai';
import fc from 'fast-check';
import { isSameOrigin, localPath } from '../../src/web/account/same-origin.js';

describe('where a form comes from', () => {
  const host = 'book.example:8443';
  const cases: readonly [site: string, origin: string, is: boolean][] = [
    ['same-origin', '', true],
    ['same-origin', 'https://book.example:8443', true],
    ['', 'https://book.example:8443', true],
    ['', 'http://BOOK.example:8443', true],
    ['same-site', 'https://other.book.example', false],
    ['cross-site', 'https://evil.example', false],
    ['cross-site', 'https://book.example:8443', false],
    ['none', '', false],
    ['', 'https://evil.example', false],
    ['', 'https://book.example', false],
    ['', 'https://book.example:8443.evil.example', false],
    ['', 'null', false],
    ['', '', false],
  ];
  for (const [site, origin, is] of cases)
    it(`WEB-3: ${is ? 'takes' : 'refuses'} Sec-Fetch-Site "${site}" with Origin "${origin}"`, () => {
      expect(isSameOrigin({ site, origin, host })).equal(is);
    });
});

describe('where to go on after signing in', () => {
  it('WEB-3: takes a page of ours, with its query', () => {
    for (const page of ['/book', '/book/doctors/D1?day=2026-01-01&slot=x', '/my/appointments/A1'])
      expect(localPath(page)).equal(page);
  });

  it('WEB-3: takes no other site, and no address that is not a page', () => {
    const elsewhere = [
      ...[
        'https://evil.example',
        '//evil.example',
        '/\\evil.example',
        '\\\\evil.example',
        '/\t/evil.example',
      ],
      ...[
        '/book/..//evil.example',
        '/book/../api/users/me',
        '/api/users/me',
        '/bookings',
        'javascript:alert(1)',
      ],
      ...[
        '/sign-in',
        '',
        '/books',
        '/book\r\nSet-Cookie: a=b',
        '/book/%2e%2e//evil.example',
        '/book@evil.example',
      ],
    ];
    expect(elsewhere.map((next) => localPath(next) ?? null)).deep.equal(elsewhere.map(() => null));
    expect(localPath(undefined)).equal(undefined);
  });

  it('WEB-3: whatever is asked for, a browser stays on this site', () => {
    const part = fc.constantFrom(
      '/',
      '\\',
      '.',
      '..',
      ':',
      '@',
      '?',
      '#',
      '%2f',
      '\t',
      '\n',
      'book',
      'my',
      'evil.example',
      'https',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const next = localPath(parts.join(''));
        if (next === undefined) return;
        const url = new URL(next, 'https://here.example');
        expect(url.origin).equal('https://here.example');
        expect(url.pathname).to.match(/^\/(book|my)(\/|$)/);
      }),
      { numRuns: 2000 },
    );
  });
});
