import { expect } from 'chai';
import { modules, type ModuleName } from '../../src/contracts/modules.js';
import { readFeatures } from '../../src/lib/features.js';
import { welcome } from '../../src/welcome.js';

const url = 'http://127.0.0.1:5000';
const accounts = [{ role: 'manager', email: 'm@demo.example', password: 'Some-Password-1' }] as const;

const said = (names: readonly ModuleName[], features = ''): string =>
  welcome(url, accounts, { modules: names, features: readFeatures(features) });

describe('welcome', () => {
  it('QUAL-2: names the pages, the accounts and the calls that this process answers, and no others', () => {
    const all = said(modules);
    for (const words of [`${url}/book`, `${url}/reports`, 'm@demo.example', 'TOKEN='])
      expect(all).to.include(words);
    const money = said(['money', 'messages']);
    for (const words of ['/book', '/reports', 'm@demo.example', 'TOKEN='])
      expect(money).to.not.include(words);
    expect(money).to.include('(money, messages)').and.to.include(`${url}/readyz`);
    expect(said(['identity', 'clinical']))
      .to.include('/book')
      .and.to.not.include('/reports');
    expect(said(modules, '-booking_pages')).to.not.include('/book');
  });
});
