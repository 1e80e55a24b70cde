import { expect } from 'chai';
import { createTextSeal } from '../../src/databases/sealed-text.js';

describe('sealed texts', () => {
  const purpose = 'webhooks';
  const [older, newer] = ['an older signing secret', 'a newer signing secret'];

  it('SUP-9: are opened by the key that sealed them, each sealed otherwise', () => {
    const { seal, unseal } = createTextSeal([older], purpose);
    const sealed = seal('whsec_1');
    expect(sealed).not.equal(seal('whsec_1')).and.not.include('whsec');
    expect(unseal(sealed)).deep.equal({ text: 'whsec_1', isCurrent: true });
  });

  it('SUP-9: are opened by a previous key too, which no longer seals', () => {
    const sealed = createTextSeal([older], purpose).seal('whsec_1');
    const both = createTextSeal([newer, older], purpose);
    expect(both.unseal(sealed)).deep.equal({ text: 'whsec_1', isCurrent: false });
    expect(createTextSeal([newer], purpose).unseal(both.seal('x'))).deep.equal({
      text: 'x',
      isCurrent: true,
    });
  });

  it('SUP-9: are opened by no other key, for no other purpose, and not when they were changed', () => {
    const { seal, unseal } = createTextSeal([older], purpose);
    const sealed = seal('whsec_1');
    expect(createTextSeal([newer], purpose).unseal(sealed)).equal(null);
    expect(createTextSeal([older], 'another').unseal(sealed)).equal(null);
    const bytes = Buffer.from(sealed, 'base64');
    bytes[bytes.length - 1]! ^= 1;
    expect(unseal(bytes.toString('base64'))).equal(null);
    expect(unseal('')).equal(null);
  });
});
