import { expect } from 'chai';
import { appointment, at } from '../aggregations/records.js';
import { fillStores } from '../reports/reports-fixture.js';
import { startApi, type TestApi } from '../support/api.js';
import { createVisitor, unescaped, visitorOf, words, type Visitor } from './visitor.js';

/* The filters by place as a browser without a script has them; with it: report-filters.browser.int.test.ts. */

const comma = 'North, or East';

describe('the filters of reports', function () {
  this.timeout(120_000);
  let api: TestApi;
  let manager: Visitor;
  const ids: string[] = [];
  let departments: string[];

  before(async () => {
    api = await startApi();
    for (const [name, region] of [
      ['Alder Hospital', 'West'],
      ['Birch Hospital', 'West'],
      ['Cedar Hospital', comma],
    ])
      ids.push((await api.make.hospital({ name, region })).hospital_id as string);
    ids.sort();
    departments = await Promise.all(
      ids.map(async (hospital_id) => (await api.make.department({ hospital_id })).department_id as string),
    );
    await fillStores(api, {
      appointments: ids.map((hospital_id, n) =>
        appointment({ hospital_id, patient_id: `P${n}`, date: at(`2025-0${n + 1}-10T10:00:00Z`) }),
      ),
    });
    manager = await visitorOf(api, 'manager');
  });
  after(() => api?.stop());

  const year = 'period=custom&from=2025-01-01&through=2025-12-31';
  const base = '/reports/monthly-appointments-trend';
  const show = async (query: string) => {
    const page = await manager.get(`${base}?${year}${query}`);
    return { ...page, words: words(page), html: unescaped(page.text) };
  };
  const address = (query: Record<string, string>): string =>
    `${base}?${new URLSearchParams({ ...Object.fromEntries(new URLSearchParams(year)), ...query }).toString()}`;

  it('REP-13, WEB-4: several boxes are ticked, each has its chip with a way out, and the sentence says how many', async () => {
    const [a, b] = ids as [string, string];
    const page = await show(`&hospital_id=${b}&hospital_id=${a}`);
    expect(page.status).equal(200);
    expect(page.words)
      .include('2025, 2 hospitals')
      .and.match(/Total 2 /);
    expect(page.words.match(/Remove filter: Hospital: \w+ Hospital/g)).length(2);
    expect(page.text.match(/value="[^"]*"\s+checked/g)).length(2);
    for (const left of [a, b]) expect(page.html).include(`href="${address({ hospital_id: left })}"`);
    // From here on they are one text.
    expect(page.html).include(
      `href="${address({ hospital_id: `${a},${b}` }).replace('trend?', 'trend.csv?')}"`,
    );
    const csv = await manager.get(address({ hospital_id: `${a},${b}` }).replace('trend?', 'trend.csv?'));
    expect(csv.status).equal(200);
    expect(page.html).include('row.month=2025-01').and.include(`hospital_id=${a}%2C${b}&row.month`);
    expect((await show(`&hospital_id=${a}`)).words).not.include('1 hospital');
  });

  it('REP-13, WEB-4: the home is held to several too', async () => {
    const home = await manager.get(`/overview?${year}&hospital_id=${ids[0]}&hospital_id=${ids[2]}`);
    expect(words(home))
      .include('2025, 2 hospitals')
      .and.match(/Visits 2 Completed/);
    const visits = encodeURIComponent([ids[0], ids[2]].sort().join());
    expect(unescaped(home.text)).include(`hospital_id=${visits}`);
  });

  it('REP-13: a region with a comma in its name is one', async () => {
    const page = await show(`&region=${encodeURIComponent('North\\, or East')}`);
    expect(page.words)
      .include(`Remove filter: Region: ${comma}`)
      .and.match(/Total 1 /);
    expect(page.html).match(/value="North\\, or East"\s+checked/);
    const both = await show(`&region=West&region=${encodeURIComponent('North\\, or East')}`);
    expect(both.words)
      .include('2 regions')
      .and.match(/Total 3 /);
  });

  it('REP-13: departments of the chosen hospitals are offered, with the names of these', async () => {
    const page = await show(`&hospital_id=${ids[0]},${ids[1]}`);
    for (const [at, id] of departments.entries())
      expect([id, page.html.includes(`value="${id}"`)]).deep.equal([id, at < 2]);
  });

  it('REP-13: what is refused is told beside its filter, and what was chosen stays', async () => {
    const page = await show(`&hospital_id=${ids[0]},H-none`);
    expect(page.status).equal(400);
    expect(page.words).include('Hospital names no hospital: H-none');
    expect(page.text)
      .include('id="hospital_id-mistake"')
      .and.include('aria-describedby="hospital_id-mistake"');
    expect(page.text.match(/value="[^"]*"\s+checked/g)).length(2);
    const many = await show(`&hospital_id=${Array.from({ length: 400 }, (_, n) => `H${n}`).join()}`);
    expect([many.status, many.words]).satisfies(
      ([status, said]: [number, string]) =>
        status === 400 && said.includes('Hospital takes 50 values at the most'),
    );
  });

  it('REP-10, REP-13: is saved, and its address leads back to the same', async () => {
    const query = { hospital_id: `${ids[0]},${ids[1]}` };
    const page = await manager.get(address(query));
    const fields = { name: 'Two', every: 'never', time: '08:00', format: 'csv' };
    const saved = await manager.submit(page, '/reports/saved', fields);
    expect([saved.status, saved.to], words(saved)).deep.equal([303, '/reports/saved']);
    const list = unescaped((await manager.get('/reports/saved')).text);
    expect(list).include(`hospital_id=${encodeURIComponent(query.hospital_id)}`);
  });

  it('REP-14: no target is set for several', async () => {
    const form = 'action="/reports/targets"';
    expect((await manager.get(address({ hospital_id: ids[0]! }))).text).include(form);
    expect((await manager.get(address({ hospital_id: `${ids[0]},${ids[1]}` }))).text).not.include(form);
  });

  describe('where there are many', () => {
    let doctors: string[];

    before(async () => {
      const names = Array.from({ length: 61 }, (_, n) => `Dr Number ${n}`);
      doctors = await Promise.all(
        [...names, 'Dr Mary Keyes', 'Dr Marta Lund'].map(
          async (name, n) =>
            (await api.make.doctor({ name, department_id: departments[n % 3] })).doctor_id as string,
        ),
      );
    });

    const find = (query: string, by = manager) => by.get(`/reports/places?${query}`);
    const found = async (query: string): Promise<string[]> => {
      const { text } = await find(query);
      return (JSON.parse(text) as { items: { label: string }[] }).items.map(({ label }) => label);
    };

    it('WEB-4: a name leads to the doctor, beside those who are chosen', async () => {
      const [mary, marta] = doctors.slice(-2) as [string, string];
      const first = await show('&doctor=keyes');
      expect([first.status, first.to]).deep.equal([303, address({ doctor_id: mary })]);
      const second = await show(`&doctor_id=${mary}&doctor=marta`);
      expect(second.to).equal(address({ doctor_id: [mary, marta].sort().join() }));
      const which = await show(`&doctor_id=${doctors[0]}&doctor=mar`);
      expect(which.words).include('Which doctor do you mean?');
      expect(which.html).include(address({ doctor_id: [doctors[0]!, mary].sort().join() }));
      expect((await show(`&doctor_id=${mary}`)).text).match(
        /<input\s+type="checkbox"\s+id="doctor_id-0"\s+name="doctor_id"\s+value="[^"]*"\s+checked/,
      );
    });

    it('WEB-4: letters suggest those of the chosen places whom they may mean, ten at the most', async () => {
      expect(await found('kind=doctor&q=mar')).length(2);
      expect(await found('kind=doctor&q=number')).length(10);
      expect(await found(`kind=doctor&q=mar&hospital_id=${ids[61 % 3]}`)).length(1);
      expect(await found(`kind=doctor&q=mar&hospital_id=${ids[61 % 3]},${ids[62 % 3]}`)).length(2);
      expect(await found('kind=hospital&q=ced')).deep.equal(['Cedar Hospital']);
      expect(await found('kind=hospital&q=ced&region=West')).deep.equal([]);
      expect((await find('kind=doctor&q=mar')).headers.get('content-type')).match(/^application\/json/);
    });

    it('WEB-4: one letter, nothing and another kind are refused; and those who may not read reports', async () => {
      for (const query of [
        'kind=doctor&q=m',
        'kind=doctor',
        'kind=patient&q=mar',
        `kind=doctor&q=${'m'.repeat(101)}`,
      ])
        expect([query, (await find(query)).status]).deep.equal([query, 400]);
      expect((await find('kind=doctor&q=mar', createVisitor(api))).to).match(/^\/sign-in/);
      const patient = await visitorOf(api, 'patient', {
        patient_id: (await api.make.patient()).patient_id as string,
      });
      expect((await find('kind=doctor&q=mar', patient)).status).equal(403);
    });

    it('WEB-4: only a page with such a filter runs a script, and none but ours', async () => {
      const page = await show('');
      const policy = page.headers.get('content-security-policy');
      expect(policy)
        .match(/; script-src 'self'; connect-src 'self'$/)
        .and.include("default-src 'none'");
      const [, src] = /<script type="module" src="([^"]*)"><\/script>/.exec(page.text)!;
      expect(page.text.match(/<script/g)).length(1);
      const script = await createVisitor(api).get(src!);
      expect([script.status, script.headers.get('content-type')]).satisfies(
        ([status, type]: [number, string]) => status === 200 && type.startsWith('text/javascript'),
      );
      expect(script.headers.get('cache-control')).include('immutable');
      for (const path of ['/reports', '/reports/saved', '/book']) {
        const other = await manager.get(path);
        expect(other.text, path).not.include('<script');
        expect(other.headers.get('content-security-policy'), path).not.include('script-src');
      }
    });
  });
});
