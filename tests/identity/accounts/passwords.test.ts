import * as bcrypt from '@node-rs/bcrypt';
import { expect } from 'chai';
import fc from 'fast-check';
import {
  checkPassword,
  createPasswords,
  weaknessOf,
} from '../../../src/domains/identity/accounts/passwords.js';
import type { Problem } from '../../../src/lib/errors.js';

const email = 'Ann.Smith@clinic.example';
const common = new Set(['password1234', 'correct horse']);
const weakness = (password: string, of = email): string | null =>
  weaknessOf(password, of, (candidate) => common.has(candidate));

async function refusal(password: string, of = email): Promise<Problem> {
  try {
    await checkPassword(password, of);
  } catch (error) {
    return error as Problem;
  }
  throw new Error(`${password} was taken`);
}

describe('the rules of a password', () => {
  const table: [password: string, isTaken: boolean, why: string][] = [
    ['abcdefghijkl', true, '12 of one class'],
    ['abcdefghijk', false, '11 of one class'],
    ['abcdEFGHijk', false, '11 of two classes'],
    ['abcdEFG1', true, '8 of three classes'],
    ['abcd-FG1', true, '8 of four classes'],
    ['abcEFG1', false, '7 of three classes'],
    ['abcdefg1', false, '8 of two classes'],
    ['            ', true, 'spaces count as others, and may be all there is'],
    ['ΑΒΓδεζ12', true, 'classes of any alphabet'],
    ['пароль-МОЙ', true, 'Cyrillic'],
    ['🐎🔋📎🐎🔋📎🐎🔋📎🐎🔋📎', true, '12 characters of four bytes each'],
    ['🐎🔋📎🐎🔋📎', false, '6 characters, though 12 UTF-16 units'],
    ['', false, 'nothing'],
  ];
  for (const [password, isTaken, why] of table) {
    it(`AUTH-5: ${isTaken ? 'takes' : 'refuses'} ${JSON.stringify(password)}: ${why}`, () => {
      expect(weakness(password) === null).to.equal(isTaken);
    });
  }

  it('AUTH-5: refuses a common password in any case', () => {
    expect(weakness('PassWord1234')).to.match(/common/);
    expect(weakness('Correct Horse')).to.match(/common/);
    expect(weakness('Correct Horse Battery')).to.equal(null);
  });

  it('AUTH-5: refuses the name of the email within, in any case, from four characters on', () => {
    expect(weakness('my-ANN.smith-2026')).to.match(/email/);
    expect(weakness('ann smith of 2026')).to.equal(null);
    expect(weakness('anna-and-her-cat', 'ann@x.example')).to.equal(null);
    expect(weakness('Admin-of-the-year', 'admin@x.example')).to.match(/email/);
    expect(weakness('ａｎｎａ? no: anna!', 'ＡＮＮＡ@x.example')).to.match(/email/);
  });

  it('AUTH-5: has a real list of common and breached passwords', async () => {
    for (const password of ['Password123', 'Qwerty123456', '1q2w3e4r5t6y', 'Iloveyou123']) {
      const { code, options } = await refusal(password);
      expect(code, password).to.equal('weak_password');
      expect(options.errors?.[0]?.pointer).to.equal('/body/password');
    }
    await checkPassword('Correct-Horse-9-Battery', email);
  });

  it('AUTH-5: over 72 bytes of UTF-8 is refused, never cut short', async () => {
    await checkPassword('x'.repeat(72), email);
    await checkPassword('é'.repeat(36), email);
    for (const password of ['x'.repeat(73), 'é'.repeat(37), '🐎'.repeat(19)]) {
      const { code, status, message } = await refusal(password);
      expect([code, status]).to.eql(['invalid_request', 400]);
      expect(message).to.match(/\/body\/password.*72 bytes/);
    }
  });

  it('AUTH-5: gives an answer to any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.emailAddress(), (password, of) => {
        const found = weakness(password, of);
        if ([...password].length < 8) expect(found).to.not.equal(null);
      }),
    );
  });
});

describe('hashing', () => {
  it('AUTH-5: hashes with bcrypt at the configured cost, and verifies', async () => {
    const passwords = createPasswords({ cost: 5 });
    const hash = await passwords.hash('Correct-Horse-9');
    expect(hash).to.match(/^\$2b\$05\$/);
    expect(await passwords.verify('Correct-Horse-9', hash)).to.equal(true);
    expect(await passwords.verify('correct-horse-9', hash)).to.equal(false);
  });

  it('AUTH-5: two passwords that differ in the 72nd byte differ', async () => {
    const passwords = createPasswords({ cost: 4 });
    const hash = await passwords.hash('x'.repeat(72));
    expect(await passwords.verify('x'.repeat(71) + 'y', hash)).to.equal(false);
  });

  it('AUTH-2: an unknown account costs one verification of the same cost, and never matches', async () => {
    const costs: number[] = [];
    const passwords = createPasswords(
      { cost: 6 },
      {
        hash: bcrypt.hash,
        verify(_password, hash) {
          costs.push(Number(hash.toString().slice(4, 6)));
          return Promise.resolve(true);
        },
      },
    );
    expect(await passwords.verify('whatever', null)).to.equal(false);
    expect(await passwords.verify('whatever', await passwords.hash('other'))).to.equal(true);
    expect(costs).to.eql([6, 6]);
  });

  it('AUTH-5: at most one hash less than there are cores runs at once, and the queue is bounded', async () => {
    let running = 0;
    let most = 0;
    const release: (() => void)[] = [];
    const passwords = createPasswords(
      { cost: 4 },
      {
        verify: bcrypt.verify,
        async hash() {
          most = Math.max(most, ++running);
          await new Promise<void>((resolve) => release.push(resolve));
          running--;
          return 'hash';
        },
      },
    );
    const asked = Array.from({ length: 200 }, () => passwords.hash('x'));
    const settled = Promise.allSettled(asked);
    const free = setInterval(() => release.splice(0).forEach((go) => go()), 1);
    const refused = (await settled).filter(({ status }) => status === 'rejected');
    clearInterval(free);
    const { availableParallelism } = await import('node:os');
    expect(most).to.equal(Math.max(1, availableParallelism() - 1));
    expect(refused.length).to.be.within(90, 100);
    expect((refused[0] as PromiseRejectedResult).reason.code).to.equal('too_many_requests');
  });
});
