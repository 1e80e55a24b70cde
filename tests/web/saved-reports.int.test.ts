import { expect } from 'chai';
import { appointment, at } from '../aggregations/records.js';
import { fillStores } from '../reports/reports-fixture.js';
import { startApi, type TestApi } from '../support/api.js';
import { createVisitor, hiddenFields, words, type Visitor } from './visitor.js';

describe('the pages of saved reports', function () {
  this.timeout(120_000);
  let api: TestApi;
  let visitor: Visitor;
  let token: string;
  const year = 'period=custom&from=2025-01-01&through=2025-12-31&by=appointments';

  before(async () => {
    api = await startApi();
    const { doctor_id } = await api.make.doctor();
    await fillStores(api, { appointments: [appointment({ doctor_id, date: at('2025-03-10T10:00:00Z') })] });
    const account = await api.make.account('manager');
    token = account.token;
    visitor = createVisitor(api);
    await visitor.signIn(account.email);
  });
  after(() => api?.stop());

  const choices = { name: 'Year <b>', every: 'week-1', time: '07:30', format: 'csv' };
  const save = async (asked: string, fields: Record<string, string>) => {
    const page = await visitor.get(`/reports/top-doctors?${asked}`);
    return visitor.submit(page, '/reports/saved', fields);
  };
  const saved = async () => (await api.get('/saved-reports', { token })).body.items;

  it('REP-10: a report is saved from its page with what it was asked, and leads back to it', async () => {
    expect((await save(year, choices)).to).to.equal('/reports/saved');
    const [one] = await saved();
    expect(one).to.deep.include({ name: 'Year <b>', report: 'top-doctors', period: null, format: 'csv' });
    expect(one.parameters).to.include({ by: 'appointments', from: '2025-01-01', to: '2026-01-01' });
    expect(one.schedule).to.include({ every: 'week', weekday: 1, time: '07:30' });
    const page = await visitor.get('/reports/saved');
    expect(words(page)).to.include('Year <b>').and.to.include('every Monday at 07:30 (UTC) as CSV');
    const back = /href="(\/reports\/top-doctors\?[^"]*)"/.exec(page.text)![1]!.replaceAll('&amp;', '&');
    expect(words(await visitor.get(back))).to.include('2025');
  });

  it('REP-10: a period in words moves on with the calendar', async () => {
    await save('period=last-month', { ...choices, name: 'Months', every: 'never' });
    expect((await saved())[0]).to.deep.include({ period: 'last_month', schedule: null });
    expect((await visitor.get('/reports/saved')).text).to.include('period=last-month');
  });

  it('REP-10: what is missing or taken is told beside the form, which keeps what was typed', async () => {
    for (const [fields, said] of [
      [{ ...choices, name: 'Year <b>' }, 'You have a saved report of this name.'],
      [{ ...choices, name: '' }, 'Give the report a name.'],
      [{ ...choices, name: 'New', time: '25:00' }, 'The time must be like 08:00.'],
    ] as const) {
      const page = await save(year, fields);
      expect([page.status >= 400, words(page).includes(said)], said).to.deep.equal([true, true]);
      expect(hiddenFields(page, '/reports/saved')['asked']).to.include('by=appointments');
    }
  });

  it('REP-10: is sent when asked for, downloaded, and removed', async () => {
    const [{ saved_report_id }] = await saved();
    const list = await visitor.get('/reports/saved');
    await visitor.submit(list, `/reports/saved/${saved_report_id}/deliver`);
    expect(words(await visitor.get('/reports/saved'))).to.include('Being made');
    await api.system.parts.deliveries.sweep();
    const sent = await visitor.get('/reports/saved');
    const file = await visitor.get(/\/reports\/deliveries\/\w+/.exec(sent.text)![0]);
    expect(file.headers.get('content-type')).to.match(/^text\/csv/);
    expect(file.text).to.match(/^doctor_id/);
    await visitor.submit(sent, `/reports/saved/${saved_report_id}/remove`);
    expect((await saved()).map((one: { name: string }) => one.name)).to.deep.equal(['Year <b>']);
  });

  it('REP-10: is for nobody else', async () => {
    const [{ saved_report_id }] = await saved();
    const other = createVisitor(api);
    await other.signIn((await api.make.account('manager')).email);
    const page = await other.get('/reports/saved');
    expect(words(page)).not.to.include('Year <b>');
    expect((await other.post(`/reports/saved/${saved_report_id}/remove`)).status).to.equal(404);
    expect(await saved()).to.have.length(1);
  });
});
