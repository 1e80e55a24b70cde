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
const common = new Map([
  ['password1234', 1],
  ['correct horse', 2],
]);
const weakness = (password: string, of = email): string | null =>
  weaknessOf(password, { email: of }, (candidate) => common.get(candidate));

async function refusal(password: string, of = email, names: string[] = []): Promise<Problem> {
  try {
    await checkPassword(password, { email: of, names });
  } catch (error) {
    return error as Problem;
  }
  throw new Error(`${password} was taken`);
}

describe('the rules of a password', () => {
  const table: [password: string, isTaken: boolean, why: string][] = [
    ['qwortzuiqpfl', true, '12 of one class'],
    ['qwortzuiqpf', false, '11 of one class'],
    ['qworTZUIqpf', false, '11 of two classes'],
    ['qworTZU1', true, '8 of three classes'],
    ['qwor-TZ1', true, '8 of four classes'],
    ['qwoTZU1', false, '7 of three classes'],
    ['qwortzu1', false, '8 of two classes'],
    ['            ', false, 'one sign again and again'],
    ['ΑΒΓδεζ12', true, 'classes of any alphabet'],
    ['пароль-МОЙ', true, 'Cyrillic'],
    ['🐎🔋📎🏥💊🩺🦷🧬🩹🚑🧠🫀', true, '12 characters of four bytes each'],
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
    await checkPassword('Correct-Horse-9-Battery', { email });
  });

  const guessable = [
    ...[
      'Password1!',
      'Hospital2026',
      'Hospital2026!',
      'P@ssw0rd2026',
      'Welcome-2026',
      'Summer2026!',
      'Admin@12345',
    ],
    ...[
      'Smart-Hospital-2026',
      'SmartHealthcare1',
      'Cardiology2026!',
      'Doctor-Doctor-1',
      'Qwerty-123456',
      'Monday-1999',
    ],
    ...[
      'Grace-Hopper-1906',
      'Hopper2026!!',
      'Northwind2026',
      'northwind-clinic',
      'aaaaaaaaaaaa',
      'abcabcabcabcabc',
    ],
    ...['123456789012', 'asdfghjkl-123', 'TestPassword123!', 'Letmein-2026', 'January-2026', 'H0sp1tal!2026'],
    ...[
      'Dr.Grace.2026',
      '2026Hospital',
      'hospitalhospital',
      'PASSWORD-2026',
      'Nurse-2026!',
      'Changeme-12345',
    ],
  ];
  it(`AUTH-5: refuses ${guessable.length} that are made of common words, names, years and runs`, async () => {
    for (const password of guessable) {
      const of = 'grace@northwind-clinic.example';
      expect((await refusal(password, of, ['Grace Hopper'])).code, password).to.equal('weak_password');
    }
  });

  it('AUTH-5: takes what nobody would guess, whatever it is made of', async () => {
    const names = ['Grace Hopper'];
    for (const password of [
      ...['Correct-Horse-9-Battery', 'kX9$mQ2vLp', 'purple canoe at noon', 'Otter-Lantern-Vivid'],
      ...['mein Fahrrad hat 3 Räder', 'a-long-passphrase-of-yours', 'Wrong-Horse-9-Battery'],
    ])
      await checkPassword(password, { email: 'grace@northwind-clinic.example', names });
  });

  it('AUTH-5: over 72 bytes of UTF-8 is refused, never cut short', async () => {
    await checkPassword('no two passwords of seventy-two bytes are alike in the minds of two men.', {
      email,
    });
    await checkPassword('öäüßéàèùâêîôûëïÿçñõãåøœæðþžšłđħŧŋĸµ£', { email });
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
