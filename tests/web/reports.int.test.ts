import { expect } from 'chai';
import type { Role } from '../../src/lib/actor.js';
import { appointment, at } from '../aggregations/records.js';
import { fillStores } from '../reports/reports-fixture.js';
import { readSheet } from '../../scripts/compare/workbook.js';
import { startApi, type TestApi } from '../support/api.js';
import { createVisitor, unescaped, visitorOf, words, type Visitor } from './visitor.js';

/* Through HTTP as a browser without a script would; a browser itself is in reports.browser.int.test.ts. */

describe('the pages of reports', () => {
  let api: TestApi;
  let manager: Visitor;
  let place: { doctor_id: string; department_id: string; hospital_id: string };
  let other: { doctor_id: string };

  const signedIn = (role: Role, links?: { doctor_id?: string; patient_id?: string }): Promise<Visitor> =>
    visitorOf(api, role, links);

  before(async () => {
    api = await startApi();
    const { hospital_id } = await api.make.hospital({ name: 'Harbour Hospital', region: 'West' });
    const { department_id } = await api.make.department({ hospital_id, department_name: 'Cardiology' });
    const { doctor_id } = await api.make.doctor({ name: '=Dr <b>Ada</b>', department_id });
    place = { doctor_id, department_id, hospital_id };
    const mary = await api.make.doctor({ name: 'Dr Mary Other', department_id });
    other = { doctor_id: mary.doctor_id };
    await fillStores(api, {
      appointments: [
        appointment({ ...place, date: at('2025-01-10T10:00:00Z') }),
        appointment({ ...place, date: at('2025-02-01'), status: 'cancelled' }),
        appointment({ ...place, date: at('2025-03-01'), patient_id: 'P2' }),
        appointment({ ...place, ...other, date: at('2025-03-02') }),
        appointment({ ...place, date: at('2024-03-02') }),
      ],
    });
    manager = await signedIn('manager');
  });
  after(() => api?.stop());

  const year = 'period=custom&from=2025-01-01&through=2025-12-31';
  const show = async (path: string, by = manager) => {
    const page = await by.get(`/reports/${path}`);
    return { ...page, words: words(page) };
  };

  describe('who sees them', () => {
    it('WEB-1, WEB-4: managers and admins land on their home after signing in, doctors on their reports, patients on their appointments', async () => {
      for (const [role, to] of [
        ['manager', '/overview'],
        ['admin', '/overview'],
        ['doctor', '/reports'],
        ['patient', '/my/appointments'],
      ] as const) {
        const links = {
          ...(role === 'doctor' && place),
          ...(role === 'patient' && { patient_id: (await api.make.patient()).patient_id as string }),
        };
        const { doctor_id, patient_id } = links as { doctor_id?: string; patient_id?: string };
        const visitor = await signedIn(role, {
          ...(doctor_id && { doctor_id }),
          ...(patient_id && { patient_id }),
        });
        expect((await visitor.get('/sign-in')).to, role).equal(to);
      }
    });

    it('WEB-1: strangers sign in first and come back; patients are told that they are not theirs', async () => {
      const stranger = await createVisitor(api).get('/reports/top-doctors?limit=3');
      expect([stranger.status, stranger.to]).deep.equal([
        303,
        `/sign-in?next=${encodeURIComponent('/reports/top-doctors?limit=3')}`,
      ]);
      const patient = await signedIn('patient', { patient_id: (await api.make.patient()).patient_id });
      for (const path of ['', '/top-doctors', '/top-doctors.csv', '/top-doctors/records'])
        expect((await patient.get(`/reports${path}`)).status, path).equal(403);
      expect((await patient.get('/my/appointments')).text).not.include('href="/reports"');
    });

    it('WEB-1: a doctor sees their own figures, in files and records too, and is told of what is not theirs', async () => {
      const doctor = await signedIn('doctor', { doctor_id: other.doctor_id });
      const months = await show(`monthly-appointments-trend?${year}`, doctor);
      expect(months.words).match(/Total 1 /);
      expect((await show(`top-doctors.csv?${year}`, doctor)).text)
        .include('Mary Other')
        .and.not.include('Ada');
      const records = await show(`monthly-appointments-trend/records?${year}&row.month=2025-03`, doctor);
      expect(records.words).include('1 record of');
      const refused = await show(`top-doctors?doctor_id=${place.doctor_id}`, doctor);
      expect([refused.status, refused.words]).satisfies(
        ([status, said]: [number, string]) =>
          status === 403 && said.includes('A doctor sees their own figures'),
      );
      expect((await show('disease-trends', doctor)).status).equal(403);
    });
  });

  describe('GET /reports', () => {
    it('WEB-1: lists every report and what it answers', async () => {
      const page = words(await manager.get('/reports'));
      for (const { title, question } of api.system.parts.reports.reports) {
        expect(page).include(title);
        if (question) expect(page).include(question);
      }
    });
  });

  describe('GET /reports/{id}', () => {
    it('WEB-1: every report is a page, with data and without', async () => {
      for (const { id, title } of api.system.parts.reports.reports) {
        const page = await show(id);
        expect([id, page.status]).deep.equal([id, 200]);
        expect(page.words).include(title).and.include('Where these figures come from');
        expect(page.text).not.match(/<script|\sstyle=|undefined|NaN|\[object/);
      }
    });

    it('REP-13: says beside a figure what another report says of the same, and leads there', async () => {
      const page = await show(`top-doctors?${year}`);
      expect(page.words).include('Appointments: Appointments of one status count');
      expect(unescaped(page.text)).include(`href="/reports/monthly-appointments-trend?${year}"`);
    });

    it('WEB-1: shows the chart, the figures, their totals and where they come from', async () => {
      const page = await show(`monthly-appointments-trend?${year}`);
      expect(page.text.match(/<svg\s+class="chart-picture"/g)).length(3);
      expect(page.words)
        .include('March 2025')
        .and.match(/All 12 rows 3 1 0 0 4 25.00%/)
        .and.match(/March 2025 2 0 0 0 2 0.00% 0.00%/)
        .and.match(/April 2025 0 0 0 0 0 no visits no visits/)
        .and.match(/From every single record, as of \d\d:\d\d:\d\d on/)
        .and.match(/4 records, computed in/);
    });

    it('WEB-1: sorts by any column, from its head, in the page and its file; the chart keeps its order', async () => {
      const months = async (query: string) => {
        const page = await show(`monthly-appointments-trend?${year}${query}`);
        return { ...page, first: /<tbody>.*?<time datetime="([^"]*)"/s.exec(page.text)![1] };
      };
      const own = await months('');
      expect(own.first).equal('2025-01');
      expect(own.text).not.include('aria-sort');
      const link = `/reports/monthly-appointments-trend?${year}&sort=-completed#figures`;
      expect(unescaped(own.text)).include(`href="${link}"`);
      const most = await months('&sort=-completed');
      expect(most.first).equal('2025-03');
      expect(most.text).match(/<th\s+scope="col"\s+class="figure"\s+aria-sort="descending"\s*>/);
      expect(most.words).include('Remove filter: Sorted by Completed, descending');
      expect(unescaped(most.text)).include('sort=completed#figures');
      const pictureOf = ({ text }: { text: string }) =>
        /<svg\s+class="chart-picture".*?<\/svg>/s.exec(text)![0];
      expect(pictureOf(most)).equal(pictureOf(own));
      expect((await months('&sort=completed')).first).equal('2025-02');
      // What has no figure is last, either way.
      expect((await months('&sort=-cancellation_rate')).first).equal('2025-02');
      expect((await months('&sort=cancellation_rate')).first).equal('2025-01');
      const csv = await show(`monthly-appointments-trend.csv?${year}&sort=-completed`);
      expect(csv.text.split('\r\n')[1]).match(/^"2025-03",2,/);
    });

    it('WEB-1: a sort by what is not there is refused by the names of what is', async () => {
      const page = await show(`monthly-appointments-trend?${year}&sort=doctor`);
      expect(page.status).equal(400);
      expect(page.words).match(/The column to sort by .*cancellation_rate/);
    });

    it('REP-13: rows that are cut are sorted among themselves, and the page says so', async () => {
      const page = await show(`top-doctors?${year}&limit=1&sort=-appointments`);
      expect(page.words).include('and only the rows shown are sorted');
      expect(page.words)
        .include('Doctors with the most patients: 1 of 2')
        .and.include('1 of 2 are in the chart.');
      expect((await show(`top-doctors?${year}`)).words).not.include('are in the chart');
    });

    it('WEB-1: names with markup or formulas are text in the table, the chart and the file', async () => {
      const page = await show(`top-doctors?${year}`);
      expect(page.text).not.include('<b>Ada');
      expect(page.words).include('=Dr <b>Ada</b>');
      expect((await show(`top-doctors.csv?${year}`)).text).include("'=Dr <b>Ada</b>");
    });

    it('WEB-1: says what it is held to, each with a way out, and keeps it in every address', async () => {
      const query = `${year}&limit=3&region=West&department_id=${place.department_id}`;
      const page = await show(`top-doctors?${query}`);
      expect(page.words)
        .include('Remove filter: Period: 2025')
        .and.include('Remove filter: How many: 3')
        .and.include('Remove filter: Region: West')
        .and.include('Remove filter: Department: Cardiology, Harbour Hospital');
      const hrefs = [...page.text.matchAll(/href="([^"]*)"/g)].map(([, href]) => unescaped(href!));
      const [csv] = hrefs.filter((href) => href.startsWith('/reports/top-doctors.csv'));
      expect(Object.fromEntries(new URL(csv!, api.url).searchParams)).deep.equal(
        Object.fromEntries(new URLSearchParams(query)),
      );
      expect(hrefs.some((href) => /top-doctors\?(?!.*limit).*region=West/.test(href))).equal(true);
    });

    it('WEB-1: compares with the previous period in words and with a sign', async () => {
      const page = await show(`monthly-appointments-trend?${year}&compare=before`);
      expect(page.words).match(/Completed 3 ▲ 200% more 2024: 1/);
      expect(page.words).match(/Cancellation rate 25.00% ▲ 25 percentage points more 2024: 0.00%/);
    });

    it('WEB-1: has nothing to show, and says what to try', async () => {
      const page = await show('top-doctors?period=custom&from=1999-01-01&through=1999-01-31');
      expect(page.status).equal(200);
      expect(page.words).include('No records answer this question for January 1999').and.include('All time');
      expect(page.text).not.include('<svg\n class="chart');
    });

    it('WEB-1: finds a doctor by words of the name: one is chosen, of several one may choose', async () => {
      const one = await show('top-doctors?doctor=mary&limit=3');
      expect([one.status, one.to]).deep.equal([
        303,
        `/reports/top-doctors?limit=3&doctor_id=${other.doctor_id}`,
      ]);
      expect((await show('top-doctors?doctor=dr')).words).include('Which doctor do you mean?');
      expect((await show('top-doctors?doctor=nobody')).words).include('No doctor has “nobody” in the name');
    });

    it('WEB-1: a refused parameter is told beside its field, and what was right is kept', async () => {
      for (const [query, said] of [
        ['limit=1000&region=West', 'How many must be less than or equal to 100'],
        ['period=custom&from=2025-03-01&through=2025-02-01', 'First day is after the last day'],
        ['from=2025-02-30', 'First day is no day of the calendar'],
        ['by=age', 'By must be one of'],
        ['doctor_id=D-none', 'Doctor names no doctor'],
        ['region=Atlantis', 'Region has no hospital'],
        ['period=custom&from=1800-01-01&through=2199-01-01', 'Last day is more than 200 years'],
      ] as const) {
        const page = await show(`top-doctors?${query}`);
        expect([query, page.status]).deep.equal([query, 400]);
        expect(page.words).include(said);
        expect(page.text).include('role="alert"');
      }
      expect((await show('top-doctors?limit=1000&region=West')).text).match(/value="West"\s+checked/);
    });

    it('WEB-1: what is no report is no page', async () => {
      for (const path of ['none', 'top-doctors.docx', 'top-doctors/none', '%00'])
        expect((await show(path)).status, path).equal(404);
    });
  });

  describe('GET /reports/{id}/records', () => {
    it('WEB-1, REP-11: a row leads to the records it is made of, and back', async () => {
      const page = await show(`monthly-appointments-trend?${year}&region=West`);
      const [, href] = /<th scope="row"[^>]*>\s*<a\s+href="([^"]*row\.month=2025-03[^"]*)"/.exec(page.text)!;
      const records = await manager.get(unescaped(href!));
      expect(words(records)).include('The records behind March 2025').and.include('2 records of');
      expect(records.text.match(/<th scope="row"/g)).length(2);
      expect(unescaped(records.text)).include(`/reports/monthly-appointments-trend?${year}&region=West`);
    });

    it('WEB-1, REP-11: a square of a heat map leads to its records too', async () => {
      const page = await show(`patient-flow?${year}`);
      const squares = [...page.text.matchAll(/<a\s+href="([^"]*)"[^>]*>\s*<title>Friday, ([^<]*)<\/title>/g)];
      const [, href] = squares.find(([, , said]) => !/: 0(\.00)? /.test(`${said} `))!;
      const records = await manager.get(unescaped(href!));
      expect(words(records)).include('The records behind').and.include('1 record of');
    });

    it('WEB-1, REP-11: shows as many records as there are, a page at a time', async () => {
      const appointments = api.system.around.stores.connection.collection<{ _id: string }>('appointments');
      const many = Array.from({ length: 205 }, (_, n) =>
        appointment({ ...place, date: at(`2019-06-01T10:00:00.${String(n).padStart(3, '0')}Z`) }),
      );
      await appointments.insertMany(many as never);
      const path = 'monthly-appointments-trend/records?period=custom&from=2019-01-01&through=2019-12-31';
      const first = await show(`${path}&row.month=2019-06`);
      expect(first.words).include('The first 200 records of');
      const [, next] = /href="([^"]*cursor=[^"]*)"/.exec(first.text)!;
      const second = await manager.get(unescaped(next!));
      expect(words(second)).include('5 more records of');
      expect(second.text).not.include('cursor=');
      const ids = [first, second].flatMap(({ text }) => [...text.matchAll(/R\d{6}/g)].map(([id]) => id));
      expect(new Set(ids).size).equal(205);
      expect((await show(`${path}&row.month=2019-06&cursor=none`)).status).equal(400);
      await appointments.deleteMany({ date: { $lt: at('2020-01-01') } });
    });

    it('WEB-1, REP-11: a key that names nothing has no records', async () => {
      expect((await show('top-doctors/records?row.doctor_id=D-none')).words).include('There are none');
      expect((await show(`top-doctors/records?row.doctor_id=${'x'.repeat(600)}`)).status).equal(400);
    });
  });

  describe('files', () => {
    it('WEB-1: come with the session of the page, under their names', async () => {
      for (const [format, type] of [
        ['csv', 'text/csv'],
        ['xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
        ['svg', 'image/svg+xml'],
        ['png', 'image/png'],
      ]) {
        const file = await show(`top-doctors.${format}?${year}`);
        expect([format, file.status]).deep.equal([format, 200]);
        expect(file.headers.get('content-type')).include(type);
        expect(file.headers.get('content-disposition')).match(
          new RegExp(`filename="top-doctors_\\S+\\.${format}"`),
        );
      }
    });

    it('WEB-1: a workbook says for whom it was made', async () => {
      const cookie = [...manager.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const answer = await fetch(`${api.url}/reports/top-doctors.xlsx?${year}`, { headers: { cookie } });
      const about = readSheet(Buffer.from(await answer.arrayBuffer()), 2);
      expect(about.map(([name, value]) => `${name!.value}: ${value!.value}`)).include(
        'Made for: Test manager',
      );
    });

    it('WEB-1: are refused as the page is', async () => {
      expect((await show('top-doctors.csv?limit=1000')).status).equal(400);
      expect((await show('top-doctors.png?period=custom&from=1999-01-01&through=1999-01-31')).status).equal(
        406,
      );
    });
  });
});
