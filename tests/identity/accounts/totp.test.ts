import { expect } from 'chai';
import { newRecoveryCodes, recoveryHash } from '../../../src/domains/identity/accounts/recovery-codes.js';
import { newTotpSecret, totpCode, totpStep, totpUri } from '../../../src/domains/identity/accounts/totp.js';

/** RFC 6238, appendix B, SHA-1: seconds and the code of eight digits, whose last six are the code of six. */
const vectors: readonly [number, string][] = [
  [59, '94287082'],
  [1111111109, '07081804'],
  [1111111111, '14050471'],
  [1234567890, '89005924'],
  [2000000000, '69279037'],
  [20000000000, '65353130'],
];
/** `12345678901234567890` in base 32. */
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const at = (seconds: number): Date => new Date(seconds * 1000);

describe('codes of a second factor', () => {
  it('AUTH-11: are those of RFC 6238, appendix B', () => {
    for (const [seconds, code] of vectors) {
      expect(totpCode(secret, at(seconds)), `${seconds}`).to.equal(code.slice(2));
      expect(totpStep(secret, code.slice(2), at(seconds))).to.equal(Math.floor(seconds / 30));
    }
  });

  it('AUTH-11: are good for one step before and after, and no further', () => {
    const now = 1_000_000 * 30;
    const code = totpCode(secret, at(now));
    for (const [seconds, step] of [
      [-31, null],
      [-30, 1_000_000],
      [29, 1_000_000],
      [59, 1_000_000],
      [60, null],
    ] as const)
      expect(totpStep(secret, code, at(now + seconds)), `${seconds}`).to.equal(step);
  });

  it('AUTH-11: what is no code is of no step', () => {
    for (const code of ['', '1', '12345', '1234567', 'abcdef', '94287082', '١٢٣٤٥٦'])
      expect(totpStep(secret, code, at(59)), code).to.equal(null);
  });

  it('AUTH-11: a secret has 160 random bits, and an app is set up with what is registered for it', () => {
    const secrets = new Set(Array.from({ length: 100 }, newTotpSecret));
    expect(secrets.size).to.equal(100);
    for (const one of secrets) expect(one).to.match(/^[A-Z2-7]{32}$/);
    const uri = new URL(totpUri(secret, 'ann+x@test.example'));
    expect([uri.protocol, uri.host]).to.eql(['otpauth:', 'totp']);
    expect(decodeURIComponent(uri.pathname)).to.equal('/Smart Healthcare:ann+x@test.example');
    expect(Object.fromEntries(uri.searchParams)).to.eql({
      ...{ issuer: 'Smart Healthcare', secret, algorithm: 'SHA1', digits: '6', period: '30' },
    });
  });

  it('AUTH-11: ten recovery codes, each found again however it is typed', () => {
    const codes = newRecoveryCodes();
    expect(new Set(codes).size).to.equal(10);
    for (const code of codes) {
      expect(code).to.match(/^[0-9a-hjkmnp-tv-z]{4}(-[0-9a-hjkmnp-tv-z]{4}){3}$/);
      const hash = recoveryHash(code);
      for (const typed of [code.toUpperCase(), code.replaceAll('-', ''), code.replaceAll('-', ' ')])
        expect(recoveryHash(typed)).to.equal(hash);
    }
    expect(recoveryHash('OIL0-0000-0000-0000')).to.equal(recoveryHash('0110-0000-0000-0000'));
  });
});
