import { expect } from 'chai';
import { Decimal128, type CommandStartedEvent } from 'mongodb';
import type { Role } from '../../src/lib/actor.js';
import { appointment, at, prescription } from '../aggregations/records.js';
import { fillStores } from '../reports/reports-fixture.js';
import { startApi, type TestApi } from '../support/api.js';
import { createVisitor, visitorOf, words, type Visitor } from './visitor.js';

/** 2 visits in February 2026 and 1 in March, until the 10th; one of each was called off. */
const now = at('2026-03-10T12:00:00Z');

describe('the home of those who read the figures', () => {
  let api: TestApi;
  let manager: Visitor;
  let place: { doctor_id: string; department_id: string; hospital_id: string };

  const signedIn = (role: Role, links?: { doctor_id?: string; patient_id?: string }): Promise<Visitor> =>
    visitorOf(api, role, links);

  before(async () => {
    const uri = process.env['TEST_MONGODB_URI']!;
    api = await startApi({ MONGODB_URI: `${uri}${uri.includes('?') ? '&' : '?'}monitorCommands=true` });
    api.clock.set(now);
    const { hospital_id } = await api.make.hospital({ name: 'Harbour Hospital', region: 'West' });
    const { department_id } = await api.make.department({ hospital_id, department_name: 'Cardiology' });
    const { doctor_id } = await api.make.doctor({ name: 'Dr Ada', department_id });
    place = { doctor_id, department_id, hospital_id };
    await api.make.hospital({ name: 'Hill Hospital', region: 'East' });
    const visit = (date: string, more = {}) => appointment({ ...place, date: at(date), ...more });
    await fillStores(api, {
      appointments: [
        ...[visit('2026-02-03T10:00:00Z'), visit('2026-02-25T10:00:00Z', { patient_id: 'P2' })],
        ...[visit('2026-02-04T10:00:00Z', { status: 'cancelled' }), visit('2026-01-05T10:00:00Z')],
        ...[visit('2026-03-03T10:00:00Z'), visit('2026-03-04T10:00:00Z', { status: 'cancelled' })],
        visit('2026-03-05T10:00:00Z', { status: 'no_show' }),
      ],
      prescriptions: [
        prescription({ ...place, start_date: at('2026-03-03'), cost: Decimal128.fromString('12.50') }),
      ],
    });
    manager = await signedIn('manager');
  });
  after(() => api?.stop());

  const page = { accept: 'text/html' };
  const show = async (query = '', by = manager) => {
    const page = await by.get(`/overview${query}`);
    return { ...page, words: words(page) };
  };

  it('WEB-4: is where managers and admins begin; doctors begin at their reports; others are sent away', async () => {
    for (const role of ['manager', 'admin'] as const)
      expect((await (await signedIn(role)).get('/', page)).to, role).to.equal('/overview');
    expect((await (await signedIn('doctor', place)).get('/', page)).to).to.equal('/reports');
    expect((await createVisitor(api).get('/overview')).to).to.match(/^\/sign-in\?next=/);
    expect((await (await signedIn('vendor')).get('/overview')).status).to.equal(403);
  });

  it('WEB-4: shows each figure, what is beside it, the period before, its trend, and leads to its report', async () => {
    const page = await show('?period=this-month');
    expect(page.status).to.equal(200);
    expect(page.words).to.include('March 2026');
    for (const [title, figure] of [
      ['Visits', '1'],
      ['Cancellations', '50.00%'],
      ['Missed visits', '50.00%'],
      ['Waiting', 'no bookings'],
      ['Utilisation', ''],
      ['Patients', 'new 0 · returning 1'],
      ['Drug spend', '$12.50'],
    ] as const)
      expect(page.words, title).to.match(new RegExp(`${title} ${figure.replaceAll(/[$.]/g, '\\$&')}`));
    expect(page.words).to.include('Cancelled: 1').and.to.include('Prescriptions: 1');
    const href = (title: string): string =>
      new RegExp(`<a href="([^"]*)">${title}</a>`).exec(page.text)![1]!.replaceAll('&amp;', '&');
    expect(href('Visits')).to.equal('/reports/monthly-appointments-trend?period=this-month');
    expect(href('Revenue')).to.equal('/reports/revenue?period=this-month&by=month');
    expect((await manager.get(href('Visits'))).status).to.equal(200);
    const label = /aria-label="(By month:[^"]*)"/.exec(page.text)![1]!;
    expect(label).to.match(
      /^By month: \d+ in \w+ 20\d\d, 2 in February 2026; the most was 2 in February 2026\.$/,
    );
  });

  it('QUAL-4: asks once for what its figures share: the targets, the names to choose from, the hospitals of a region', async () => {
    const client = api.system.around.stores.connection.getClient();
    for (const [query, most] of [
      ['', { report_targets: 1, hospitals: 3, departments: 1, doctors: 1 }],
      ['?region=West', { report_targets: 1, hospitals: 6, departments: 1, doctors: 1 }],
    ] as const) {
      const asked: string[] = [];
      const listen = ({ commandName, command }: CommandStartedEvent): void => {
        const name = String(command[commandName]);
        if ((commandName === 'find' || commandName === 'distinct') && name in most) asked.push(name);
      };
      client.on('commandStarted', listen);
      expect((await show(query)).status).to.equal(200);
      client.off('commandStarted', listen);
      for (const [name, count] of Object.entries(most))
        expect(asked.filter((one) => one === name).length, `${name} ${query}`).to.be.within(1, count);
    }
  });

  it('REP-13: compares like with like: as many days of the month before as have passed of this one', async () => {
    const { words: shown } = await show('?period=this-month');
    expect(shown).to.include('1 February to 10 February 2026');
    // One visit from 1 to 10 February; the second was on the 25th.
    expect(shown).to.match(/Visits 1 Completed = unchanged [^:]*February 2026: 1 /);
    const { words: over } = await show('?period=last-month');
    expect(over).to.match(/Patients new 1 · returning 1 new: = unchanged January 2026: new 1 · returning 0 /);
    expect(over).to.match(/Visits 2 Completed ▲ 100% more January 2026: 1 /);
  });

  it('WEB-4: has a way to every usual period, and is held to a place', async () => {
    const page = await show();
    for (const period of [
      'today',
      'last-7-days',
      'last-30-days',
      'this-month',
      'this-quarter',
      'this-year',
      'last-12-months',
    ])
      expect(page.text, period).to.include(`/overview?period=${period}"`);
    const elsewhere = await show('?period=last-month&region=East');
    expect(elsewhere.words)
      .to.match(/Visits 0 Completed/)
      .and.to.include('Region: East');
    const typed = await show('?period=last-month&hospital=Harbour');
    expect(typed.to).to.equal(`/overview?period=last-month&hospital_id=${place.hospital_id}`);
    expect((await show('?hospital=Hospital')).words).to.include('Which hospital do you mean?');
    expect((await show('?hospital=Nowhere')).words).to.include('No hospital has “Nowhere” in the name.');
  });

  it('WEB-4: says which figure there is none of for such a period, and what is wrong with a question', async () => {
    const open = await show('?period=custom&from=2026-03-01');
    expect(open.status).to.equal(200);
    expect(open.words)
      .to.match(/Visits Not for such a period\./)
      .and.to.match(/Drug spend \$12\.50/);
    const wrong = await show('?period=custom&from=2026-03-02&through=2026-02-01');
    expect(wrong.status).to.equal(400);
    expect(wrong.words).to.include('First day is after the last day.');
    expect((await show('?period=never')).status).to.equal(400);
  });

  it('REP-11, PAT-8: where small counts are hidden, no sum of the home gives one away', async () => {
    const hiding = await startApi({ SMALL_CELLS: '5' });
    try {
      hiding.clock.set(now);
      const { hospital_id } = await hiding.make.hospital();
      const { department_id } = await hiding.make.department({ hospital_id });
      const { doctor_id } = await hiding.make.doctor({ department_id });
      await fillStores(hiding, {
        appointments: [1, 2, 3, 4, 5, 6, 7].map((n) =>
          appointment({
            ...{ doctor_id, department_id, hospital_id, patient_id: `P${n}` },
            date: at(n < 7 ? '2026-02-03T10:00:00Z' : '2026-03-03T10:00:00Z'),
          }),
        ),
      });
      const visitor = createVisitor(hiding);
      await visitor.signIn((await hiding.make.account('manager')).email);
      const shown = async (period: string) => words(await visitor.get(`/overview?period=${period}`));
      expect(await shown('last-month')).to.match(/Patients new 6 · returning 0 /);
      expect(await shown('this-month')).to.match(/Patients new hidden · returning hidden /);
      expect(await shown('this-quarter')).to.match(/Patients new hidden · returning hidden /);
    } finally {
      await hiding.stop();
    }
  });
});
