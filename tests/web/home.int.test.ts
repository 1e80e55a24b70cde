import { expect } from 'chai';
import { roles } from '../../src/lib/actor.js';
import { startApi, type TestApi } from '../support/api.js';
import { expectProblem } from '../support/people.js';
import { createVisitor, words, type Visitor } from './visitor.js';

describe('where each role begins', () => {
  let api: TestApi;
  before(async () => void (api = await startApi()));
  after(() => api?.stop());

  const browser = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };
  const homes: Readonly<Record<string, string>> = {
    patient: '/book',
    ...{ manager: '/overview', admin: '/overview', doctor: '/reports' },
  };

  async function visitorAs(role: (typeof roles)[number] | undefined): Promise<Visitor> {
    const visitor = createVisitor(api);
    if (role === undefined) return visitor;
    const links = {
      ...(role === 'patient' ? { patient_id: (await api.make.patient()).patient_id as string } : {}),
      ...(role === 'doctor' ? { doctor_id: (await api.make.doctor()).doctor_id as string } : {}),
    };
    await visitor.signIn((await api.make.account(role, links)).email);
    return visitor;
  }

  for (const role of [undefined, ...roles]) {
    it(`WEB-4: / leads ${role ?? 'anybody'} to a page of theirs, and every link of its menu opens`, async () => {
      const visitor = await visitorAs(role);
      const { status, to, headers } = await visitor.get('/', browser);
      expect({ status, to }).deep.equal({ status: 303, to: homes[role ?? 'patient'] ?? '/home' });
      expect(headers.get('vary')).to.include('Accept');
      const page = await visitor.get(to!);
      expect(page.status).equal(200);
      const [menu] = /<header[^]*?<\/header>/.exec(page.text)!;
      // Those of the page of a role that has no other are its menu too.
      const shown = to === '/home' ? menu + /<main[^]*<\/main>/.exec(page.text)![0] : menu;
      const links = [...shown.matchAll(/href="([^"]+)"/g)].map(([, href]) => href!);
      expect(links.length).greaterThan(1);
      for (const link of new Set(links)) expect((await visitor.get(link)).status, link).equal(200);
      if (role !== undefined && role !== 'patient') expect(menu).to.not.include('/my/appointments');
    });
  }

  it('WEB-4: says what the account of a role without pages can do, to nobody else', async () => {
    const page = await (await visitorAs('pharmacist')).get('/home');
    expect(words(page)).to.include('signed in as a pharmacist').and.to.include('Read your notices');
    expect((await createVisitor(api).get('/home')).to).equal('/sign-in?next=%2Fhome');
  });

  it('WEB-4: / is no page for a client that asks for JSON or anything', async () => {
    for (const accept of ['application/json', '*/*'])
      expectProblem(await api.get('//', { headers: { accept } }), 404, 'not_found');
  });
});
