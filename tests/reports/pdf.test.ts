import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { figureText, maxPdfRows, toPdf } from '../../src/domains/reports/formats/pdf.js';
import type { ReportAnswer } from '../../src/domains/reports/engine/reports.types.js';
import type { Chart } from '../../src/lib/chart.types.js';
import { needCommand } from '../support/commands.js';

const run = promisify(execFile);

const chart: Chart = {
  ...{ kind: 'bar', title: 'Appointments by doctor', description: 'Bars of doctors.', unit: 'appointments' },
  ...{ categories: ['Dr A', 'Dr B'], series: [{ name: 'Appointments', values: [3, 2] }] },
};

const answerOf = (count: number): ReportAnswer => ({
  report: 'top-doctors',
  parameters: { from: '2025-01-01', limit: 5 },
  columns: [
    { name: 'name', type: 'text', title: 'Doctor', description: 'Who it is' },
    { name: 'visits', type: 'count', title: 'Visits', description: 'How many' },
    { name: 'paid', type: 'money', title: 'Paid', description: 'How much' },
    {
      name: 'rate',
      type: 'rate',
      title: 'No-show rate',
      description: 'Of a hundred',
      nullable: true,
      nothing: 'no visits',
    },
  ],
  rows: Array.from({ length: count }, (_, at) => ({
    ...{ name: `Dr Αλέξης ${at} & <b>`, visits: 12_345, paid: '9007199254740993.25' as never, rate: null },
  })),
  provenance: {
    ...{ definition: 'aggregations/top-doctors.ts', version: 1, parameters: {}, engine: 'native' },
    ...{ as_of: { mongodb: new Date(0), postgres: null }, rows_read: { mongodb: 10, postgres: 0 } },
    ...{ path: 'definition', behind_seconds: 0, engine_ms: { mongodb: 1, postgres: null, merge: 1 } },
  },
});

describe('toPdf', () => {
  let folder: string;
  before(async function () {
    this.timeout(300_000);
    await needCommand('pdftotext', 'poppler-utils');
    folder = await mkdtemp(join(tmpdir(), 'report-pdf-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const facts = { title: 'Top doctors', who: 'U1', at: new Date(0), timeZone: 'UTC', chart };
  async function written(count: number): Promise<string> {
    const file = join(folder, `${count}.pdf`);
    await writeFile(file, await toPdf(answerOf(count), facts));
    return file;
  }

  it('REP-10: says what it is, what was asked, the figures and where they come from, on pages that repeat the headings', async () => {
    const file = await written(60);
    const { stdout: text } = await run('pdftotext', ['-layout', file, '-']);
    expect(text).to.match(/^Top doctors\nFrom 1 January 2025\nAppointments by doctor\n/);
    expect(text.match(/^\f?Doctor +Visits +Paid +No-show rate$/gm)!.length).to.be.greaterThan(1);
    expect(
      text.match(/^\f?Dr Αλέξης \d+ & <b> +12,345 +9,007,199,254,740,993\.25 +no visits$/gm),
    ).to.have.length(60);
    expect(text)
      .to.match(/^Computed from +every single record$/m)
      .and.to.match(/^Made for +U1$/m);
    expect(text)
      .to.include('1970-01-01 00:00:00 UTC+00:00')
      .and.to.match(/1 of \d/);
  });

  it('REP-10: is tagged, with its fonts in it, and its chart is drawn in lines with a description', async () => {
    const file = await written(3);
    const [info, tags, fonts, images] = await Promise.all([
      run('pdfinfo', [file]),
      run('pdfinfo', ['-struct', file]),
      run('pdffonts', [file]),
      run('pdfimages', ['-list', file]),
    ]);
    expect(info.stdout)
      .to.match(/^Tagged: +yes$/m)
      .and.to.match(/^Title: +Top doctors$/m);
    const kinds = tags.stdout.match(/^ *(Document|H1|H2|P|Figure|Table|TH)\b/gm)!.map((tag) => tag.trim());
    expect(kinds.slice(0, 8)).to.deep.equal(['Document', 'H1', 'P', 'H2', 'Figure', 'H2', 'Table', 'TH']);
    expect(tags.stderr, 'what poppler has to say against it').to.equal('');
    for (const line of fonts.stdout.trim().split('\n').slice(2))
      expect(line).to.match(/DejaVuSans.* yes yes yes/);
    expect(images.stdout.trim().split('\n'), 'no picture in dots').to.have.length(2);
  });

  it('REP-10: what is more than paper is good for is refused', async () => {
    const refused = await toPdf(answerOf(maxPdfRows + 1), facts).catch((error: unknown) => error);
    expect(refused).to.include({ code: 'not_acceptable' });
  });

  it('REP-10: amounts are never floats on the way to the page', () => {
    expect(figureText('9007199254740993.25', 'money')).to.equal('9,007,199,254,740,993.25');
    expect([figureText(0.1234, 'rate'), figureText(1234567, 'count'), figureText(2.5, 'days')]).to.deep.equal(
      ['12.34%', '1,234,567', '2.50'],
    );
  });
});
