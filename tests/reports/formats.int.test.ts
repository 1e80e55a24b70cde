import { expect } from 'chai';
import { appointment, at, patient, prescription } from '../aggregations/records.js';
import { startApi, type TestApi } from '../support/api.js';
import { fillStores } from './reports-fixture.js';
import { readSheet } from '../../scripts/compare/workbook.js';

const xlsx = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

describe('formats of GET /reports/*', () => {
  let api: TestApi;
  let manager: string;
  const name = '=Dr <b>"Ada"</b>';

  before(async () => {
    api = await startApi();
    manager = (await api.make.account('manager')).token;
    const { doctor_id, department_id } = await api.make.doctor({ name });
    const place = { doctor_id, department_id };
    await fillStores(api, {
      appointments: [
        appointment({ ...place, date: at('2025-01-10T10:00:00Z') }),
        appointment({ ...place, date: at('2025-02-01'), status: 'no_show' }),
      ],
      prescriptions: [
        prescription({ ...place, end_date: at('2025-01-05'), drug: 'Aspirin', drug_code: null }),
      ],
      patients: [patient('P1', { start_date: at('2025-01-01'), end_date: at('2025-01-15') })],
    });
  });
  after(() => api?.stop());

  /** As bytes: `api.get` reads text. */
  async function ask(path: string, headers: Record<string, string> = {}) {
    const response = await fetch(`${api.url}/api/reports/${path}`, {
      headers: { authorization: `Bearer ${manager}`, ...headers },
    });
    const content = Buffer.from(await response.arrayBuffer());
    return { status: response.status, headers: response.headers, content, text: content.toString('utf8') };
  }

  it('REP-6, REP-13: every report has every format, under a name with its period; Excel finds UTF-8 in a CSV', async () => {
    for (const { id } of api.system.parts.reports.reports) {
      const query =
        id === 'doctor-utilisation' ? 'from=2025-01-01&to=2025-02-01' : 'from=2025-01-01&to=2026-01-01';
      for (const [format, type, begin] of [
        ['json', 'application/json', '{"report"'],
        ['csv', 'text/csv', '\ufeff'],
        ['xlsx', xlsx, 'PK'],
        ['svg', 'image/svg+xml', '<?xml'],
        ['png', 'image/png', '\ufffdPNG'],
      ] as const) {
        const answer = await ask(`${id}?${query}&format=${format}`);
        // What has no figures has no picture.
        const isEmpty = answer.status === 406 && (format === 'svg' || format === 'png');
        if (isEmpty) {
          expect(answer.text, `${id} ${format}`).include('nothing to draw');
          continue;
        }
        expect([id, answer.status, answer.headers.get('content-type')?.split(';')[0]]).deep.equal([
          id,
          200,
          type,
        ]);
        expect(answer.text.startsWith(begin), `${id} ${format}`).equal(true);
        if (format !== 'json')
          expect(answer.headers.get('content-disposition')).include(
            `filename="${id}_2025-01-01--2025-${id === 'doctor-utilisation' ? '01' : '12'}-31.${format}"`,
          );
      }
    }
  });

  it('REP-6: Accept chooses as the query does', async () => {
    for (const type of [xlsx, 'image/svg+xml', 'image/png'])
      expect((await ask('top-doctors', { accept: type })).headers.get('content-type')).include(type);
  });

  it('REP-6: a workbook has the rows of the JSON, a name with a formula as text, and says who asked', async () => {
    const json = JSON.parse((await ask('top-doctors')).text) as { rows: Record<string, unknown>[] };
    const { content } = await ask('top-doctors?format=xlsx');
    const [, row] = readSheet(content, 1);
    expect(row!.map((cell) => cell!.value)).deep.equal(Object.values(json.rows[0]!).map(String));
    expect(row![1]).deep.equal({ type: 's', value: name, hasFormula: false });
    const about = readSheet(content, 2).map(([key, value]) => [key!.value, value!.value]);
    expect(Object.fromEntries(about)).include({
      Rows: '1',
      'Filter: limit': '5',
      'Made for': 'Test manager',
    });
  });

  it('REP-6: a picture shows names as text', async () => {
    const { text } = await ask('top-doctors?format=svg');
    expect(text).include('&lt;b&gt;').and.not.include('<b>');
    expect(text).not.match(/<script|<style|\sstyle=/);
  });

  it('REP-6: the same question gives the same picture and the same tag; each format has a tag of its own', async () => {
    const tags = new Set<string | null>();
    for (const format of ['json', 'csv', 'xlsx', 'svg', 'png']) {
      const [first, second] = [
        await ask(`top-doctors?format=${format}`),
        await ask(`top-doctors?format=${format}`),
      ];
      expect(second.headers.get('etag')).equal(first.headers.get('etag'));
      if (format === 'svg' || format === 'png') expect(second.content.equals(first.content)).equal(true);
      tags.add(first.headers.get('etag'));
    }
    expect(tags.size).equal(5);
  });

  it('REP-6: there is no picture of nothing, and it says so; other formats are refused by name', async () => {
    const nothing = await ask('top-doctors?from=1999-01-01&to=1999-02-01&format=png');
    expect([nothing.status, JSON.parse(nothing.text).code]).deep.equal([406, 'not_acceptable']);
    expect(JSON.parse(nothing.text).errors[0]).include({ pointer: '/query/format' });
    expect((await ask('top-doctors?from=1999-01-01&to=1999-02-01&format=csv')).status).equal(200);
    const unknown = await ask('top-doctors?format=docx');
    expect(unknown.status).equal(406);
    expect(unknown.text).include('must be one of json, csv, xlsx');
  });
});
